import { type Request, type Response, Router } from "express";
import type { Settings } from "../config/settings.js";
import { DuplicateIdError, type Executor } from "../execution/executor.js";
import type { Operation } from "../execution/operations.js";
import { apiVersionOf, dialectFor, LEGACY_DIALECT } from "./dialect.js";
import { RequestError, sendMessage } from "./errors.js";
import { ancestorBody, executionBody, legacyBody, submittedBody } from "./execution-body.js";
import { type ExecutionRequest, readExecutionRequest } from "./execution-request.js";
import { jsonBody } from "./json-body.js";

/** `POST /executions`, `GET /executions/{id}` and their two older forms (byoc 3.1). */
export function executionRoutes(executor: Executor, settings: Settings): Router {
  const router = Router();

  router.post("/executions", jsonBody, async (req, res) => {
    const dialect = dialectFor(apiVersionOf(req), settings.dialect);
    const request = readExecutionRequest(req, settings);
    const { operation, done } = submit(executor, request);
    if (request.asynchronous) {
      announce(req, res, operation);
      res.status(202).json(submittedBody(operation, dialect));
      return;
    }
    await done;
    res.status(dialect.executionStatus).json(executionBody(operation, dialect, settings.keepAnsi));
  });

  router.get("/executions/:id", (req, res) => {
    const dialect = dialectFor(apiVersionOf(req), settings.dialect);
    const operation = executor.find(req.params.id);
    if (operation === undefined) {
      sendMessage(res, 404, `No execution available for operation Id: ${req.params.id}`, dialect);
      return;
    }
    res.json(executionBody(operation, dialect, settings.keepAnsi));
  });

  router.post("/code/execute", jsonBody, async (req, res) => {
    const started = performance.now();
    const request = readExecutionRequest(req, settings);
    const { operation, done } = submit(executor, request);
    if (request.asynchronous) announce(req, res, operation);
    else await done;
    legacyHeaders(res, operation, performance.now() - started);
    res.status(202).json(legacyBody(operation, LEGACY_DIALECT, settings.keepAnsi));
  });

  router.post("/execute", jsonBody, async (req, res) => {
    const request = readExecutionRequest(req, settings);
    const { operation, done } = submit(executor, { ...request, asynchronous: false });
    await done;
    res.json(ancestorBody(operation));
  });

  return router;
}

function submit(executor: Executor, request: ExecutionRequest) {
  try {
    return executor.submit(request);
  } catch (error) {
    throw error instanceof DuplicateIdError ? new RequestError(400, error.message) : error;
  }
}

/** Where to ask for the result: relative, with the caller's own query (recordings D2). */
function announce(req: Request, res: Response, operation: Operation): void {
  const { search } = new URL(req.originalUrl, "http://interpreter");
  res.setHeader("Operation-Id", operation.id);
  res.setHeader("Operation-Location", `/executions/${operation.id}${search}`);
}

/** Timing headers of the old API (recordings D5). */
function legacyHeaders(res: Response, operation: Operation, overallMs: number): void {
  res.setHeader("Operation-Id", operation.id);
  res.setHeader("X-Ms-Container-Execution-Duration", String(operation.outcome?.durationMs ?? 0));
  res.setHeader("X-Ms-Execution-Request-Time", overallMs.toFixed(6));
  res.setHeader("X-Ms-Overall-Execution-Time", overallMs.toFixed(6));
  res.setHeader("X-Ms-Session-Guid", operation.id);
}
