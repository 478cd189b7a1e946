import { type Request, Router } from "express";
import { queryText } from "../api/dialect.js";
import { jsonBody } from "../api/json-body.js";
import type { Settings } from "../config/settings.js";
import { runCommand } from "./command.js";
import { readShellRequest, type ShellContext, shellBody } from "./request.js";

/** `POST /shellExecute` (api-reference 4.9). A caller that goes away does not end its command. */
export function shellRoutes(settings: Settings): Router {
  const router = Router();
  router.post("/shellExecute", jsonBody, async (req, res) => {
    const request = readShellRequest(req.body, contextOf(req), settings);
    res.json(shellBody(await runCommand(request), request.identifier));
  });
  return router;
}

function contextOf(req: Request): ShellContext {
  return {
    identifier: queryText(req, "identifier") ?? req.get("x-execution-identifier"),
    shellType: req.get("x-shell-type"),
  };
}
