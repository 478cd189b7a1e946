import { type Request, type Response, Router } from "express";
import type { Settings } from "../config/settings.js";
import { apiVersionOf, dialectFor } from "./dialect.js";
import { sendMessage } from "./errors.js";

/** What the health endpoints ask. */
export interface Health {
  /** Everything configured has started and passed its first check. */
  isStarted(): boolean;
  /** The session can take requests now. */
  isHealthy(): Promise<boolean>;
}

/** `GET /health` (or as configured), `GET /health/startup` and `GET /` (byoc 2.4). */
export function healthRoutes(health: Health, settings: Settings): Router {
  const router = Router();
  const answer = (req: Request, res: Response, well: boolean) => {
    const dialect = dialectFor(apiVersionOf(req), settings.dialect);
    sendMessage(res, well ? 200 : 500, well ? "healthy" : "unhealthy", dialect);
  };
  const endpoint = settings.file.spec.healthProbe.endpoint;
  // Escaped, because Express would read characters such as `:` or `*` in a configured path as patterns.
  const literal = endpoint.replace(/[^A-Za-z0-9/_.-]/g, "\\$&");
  router.get([...new Set([literal, "/health"])], async (req, res) => {
    answer(req, res, await health.isHealthy());
  });
  router.get("/health/startup", (req, res) => answer(req, res, health.isStarted()));
  router.get("/", (_req, res) => {
    res.json({ message: "code interpreter" });
  });
  return router;
}
