import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { renderError, ServiceError } from "../service/service-error.js";
import type { WireAnswer } from "../service/wire-answer.js";
import type { RequestFacts } from "./request-facts.js";

/** Writes a finished answer. `common` are the headers that the plane puts on every answer. */
export function sendAnswer(
  res: ServerResponse,
  answer: WireAnswer,
  common: Record<string, string> = {},
): void {
  const headers: Record<string, string | number> = { ...common, ...answer.headers };
  const body = answer.body === undefined ? undefined : Buffer.from(answer.body, "utf8");
  if (body) headers["content-length"] = body.length;
  else if (answer.status !== 204) headers["content-length"] = 0;
  res.writeHead(answer.status, headers);
  res.end(body);
}

/**
 * Answers with an error of the catalogue, whatever was thrown, and tells the log. When the head of the
 * answer has gone already, the connection is cut, so that the caller does not take half an answer for a whole.
 */
export function sendError(
  res: ServerResponse,
  error: unknown,
  facts: RequestFacts,
  common: Record<string, string> = {},
): void {
  const known =
    error instanceof ServiceError
      ? error
      : new ServiceError("internalError", { reason: error instanceof Error ? error.message : String(error) });
  facts.status = known.status;
  facts.error = `${known.kind}: ${known.message}`;
  facts.hint = known.hint;
  if (!(error instanceof ServiceError) && error instanceof Error && error.stack) facts.stack = error.stack;
  if (res.headersSent) {
    res.destroy();
    return;
  }
  sendAnswer(res, renderError(known, { traceId: randomUUID() }), common);
}

/** Writes JSON of the control API. */
export function sendJson(res: ServerResponse, status: number, value: unknown): void {
  sendAnswer(res, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
    body: `${JSON.stringify(value)}\n`,
  });
}
