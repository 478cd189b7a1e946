import { randomUUID } from "node:crypto";
import {
  renderManagedSession,
  renderManagedSessionList,
  renderStoppedSession,
  routeManagement,
} from "../service/management.js";
import { commonHeaders } from "../service/response-headers.js";
import { ServiceError } from "../service/service-error.js";
import type { WireAnswer } from "../service/wire-answer.js";
import type { Exchange } from "./exchange.js";
import { sendAnswer, sendError } from "./respond.js";
import { summaryOf } from "./session-summary.js";

/** Answers a call below `/.management/` of a custom container pool; nothing there reaches the container. */
export async function serveManagement(exchange: Exchange): Promise<void> {
  const { req, res, facts } = exchange;
  req.resume();
  const common = commonHeaders({ dialect: "management", correlationId: randomUUID() });
  try {
    sendAnswer(res, await answer(exchange), common);
  } catch (error) {
    sendError(res, error, facts, common);
  }
}

async function answer(exchange: Exchange): Promise<WireAnswer> {
  const { req, served, query, facts, pathname, context, poolUrl } = exchange;
  const { pool } = served;
  const { strict } = context;
  const operation = routeManagement({ method: req.method ?? "GET", path: pathname, query, strict });
  if (operation.note) facts.note = operation.note;
  if (operation.kind === "listSessions") {
    return renderManagedSessionList(operation, pool.list().map(summaryOf), poolUrl);
  }
  const { identifier } = operation;
  facts.identifier = identifier;
  if (operation.kind === "stopSession") {
    if (!(await pool.stop(identifier, "stopSession"))) throw new ServiceError("stopSessionNotFound");
    return renderStoppedSession({ identifier, pool: pool.name });
  }
  const session = pool.peek(identifier);
  if (!session) throw new ServiceError("managedSessionNotFound", { identifier });
  return renderManagedSession(summaryOf(session));
}
