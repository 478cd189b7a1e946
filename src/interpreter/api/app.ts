import express, { type Express } from "express";
import type { Settings } from "../config/settings.js";
import type { Executor } from "../execution/executor.js";
import type { FileStore } from "../files/store.js";
import type { Log } from "../log.js";
import { shellRoutes } from "../shell/routes.js";
import { apiVersionOf, dialectFor } from "./dialect.js";
import { errorHandler, sendMessage } from "./errors.js";
import { executionRoutes } from "./execution-routes.js";
import { fileRoutes } from "./file-routes.js";
import { type Health, healthRoutes } from "./health-routes.js";

/** What the API stands on. Without an executor it is the shell image's API (byoc 3.1). */
export interface AppParts {
  settings: Settings;
  store: FileStore;
  executor: Executor | undefined;
  health: Health;
  log: Log;
}

/** The interpreter's REST API. */
export function createApp({ settings, store, executor, health, log }: AppParts): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(healthRoutes(health, settings));
  app.use(executor === undefined ? shellRoutes(settings) : executionRoutes(executor, settings));
  app.use(fileRoutes(store, settings));
  app.use((req, res) => {
    const dialect = dialectFor(apiVersionOf(req), settings.dialect);
    sendMessage(res, 404, `There is no ${req.method} ${req.path} in this interpreter.`, dialect);
  });
  app.use(errorHandler(settings.dialect, log));
  return app;
}
