import type { ErrorRequestHandler, Response } from "express";
import { UploadError } from "../../multipart/index.js";
import type { DialectSetting } from "../config/settings.js";
import { FileError } from "../files/errors.js";
import type { Log } from "../log.js";
import { apiVersionOf, type Dialect, dialectFor } from "./dialect.js";

/** A request that cannot be served as it is. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Sends a message the way the dialect writes them: a JSON string, or `{message}` (byoc 3.4). */
export function sendMessage(res: Response, status: number, message: string, dialect: Dialect): void {
  res.status(status).json(dialect.plainMessages ? message : { message });
}

/** Last middleware: every thrown error becomes an answer. */
export function errorHandler(setting: DialectSetting, log: Log): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const { status, message } = describe(error);
    if (status >= 500) log.error("request failed", { path: req.path, error: String(error) });
    if (res.headersSent) {
      next(error);
      return;
    }
    sendMessage(res, status, message, dialectFor(apiVersionOf(req), setting));
  };
}

function describe(error: unknown): { status: number; message: string } {
  if (error instanceof RequestError || error instanceof FileError) {
    return { status: error.status, message: error.message };
  }
  if (error instanceof UploadError) {
    return { status: error.problem === "tooLarge" ? 413 : 400, message: error.message };
  }
  // Errors of Express and its body parser carry their own status.
  const { status, message } = error as { status?: unknown; message?: unknown };
  if (typeof status === "number" && status >= 400 && status < 500)
    return { status, message: String(message) };
  return {
    status: 500,
    message: `Internal server error: ${error instanceof Error ? error.message : "unknown"}`,
  };
}
