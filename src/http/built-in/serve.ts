import { randomUUID } from "node:crypto";
import {
  commonHeaders,
  type Dialect,
  NEWEST_VERSION,
  type Operation,
  routeBuiltIn,
  ServiceError,
  type WireAnswer,
} from "../../service/index.js";
import type { Exchange } from "../exchange.js";
import { sendAnswer, sendError } from "../respond.js";
import { execute, pollExecution } from "./execute.js";
import { deleteFile, download, fileMetadata, list, upload } from "./files.js";
import { poolMetadata } from "./metadata.js";
import { deleteSession, getSession, listSessions } from "./sessions.js";

/** Answers a request to a built-in pool: route, session, translation, in the dialect that was asked for. */
export async function serveBuiltIn(exchange: Exchange): Promise<void> {
  const { req, res, facts } = exchange;
  const correlationId = randomUUID();
  let dialect: Dialect = NEWEST_VERSION;
  try {
    const operation = understand(exchange);
    dialect = operation.dialect;
    facts.operation = operation.kind;
    if (operation.note) facts.note = operation.note;
    const common = commonHeaders({ dialect, correlationId });
    if (operation.kind === "download") await download(exchange, operation, common);
    else sendAnswer(res, await answer(exchange, operation), common);
  } catch (error) {
    sendError(res, error, facts, commonHeaders({ dialect, correlationId }));
  } finally {
    // A body that nobody read would keep the connection from being used again.
    if (!req.readableEnded) req.resume();
  }
}

function understand({ req, served, pathname, query, context }: Exchange): Operation {
  const { containerType } = served.config;
  const { method = "GET" } = req;
  if (containerType === "CustomContainer") {
    throw new ServiceError("unsupportedRequest", { method, path: pathname });
  }
  return routeBuiltIn({ method, path: pathname, query, containerType, strict: context.strict });
}

async function answer(
  exchange: Exchange,
  operation: Exclude<Operation, { kind: "download" }>,
): Promise<WireAnswer> {
  switch (operation.kind) {
    case "execute":
      return execute(exchange, operation);
    case "getExecution":
      return pollExecution(exchange, operation);
    case "upload":
      return upload(exchange, operation);
    case "list":
      return list(exchange, operation);
    case "fileMetadata":
      return fileMetadata(exchange, operation);
    case "deleteFile":
      return deleteFile(exchange, operation);
    case "getSession":
      return getSession(exchange);
    case "deleteSession":
      return deleteSession(exchange);
    case "listSessions":
      return listSessions(exchange, operation);
    case "metadata":
      return poolMetadata(exchange, operation);
  }
}
