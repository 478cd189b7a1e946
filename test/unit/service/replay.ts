import {
  downloadHead,
  fileError,
  type InterpreterRequest,
  type Operation,
  type OperationOf,
  parseExecution,
  parseJsonBody,
  readExecution,
  readFileEntries,
  readFileEntry,
  renderDeletedFile,
  renderError,
  renderExecution,
  renderFileMetadata,
  renderList,
  renderUpload,
  requireIdentifier,
  routeBuiltIn,
  ServiceError,
  toInterpreterExecution,
  toInterpreterFile,
  uploadName,
  type WireAnswer,
} from "../../../src/service/index.js";
import type { Exchange } from "../../conformance/recordings/exchange.js";

/** What one exchange came to: what the interpreter was asked, and the answer. */
export interface Replayed {
  asked?: InterpreterRequest;
  answer: WireAnswer;
}

export const EXECUTION_ID = "8148371f-18fe-4cfd-8ca8-20246d469817";
export const POOL_URL = "http://localhost:4380/pools/python";

/** Plays an exchange through the pure functions in the order in which a server calls them. */
export function replay(exchange: Exchange): Replayed {
  try {
    return play(exchange);
  } catch (error) {
    if (error instanceof ServiceError) return { answer: renderError(error, { traceId: "trace" }) };
    throw error;
  }
}

function play(exchange: Exchange): Replayed {
  const { request, containerType } = exchange;
  const query = new URLSearchParams(request.query);
  query.set("identifier", request.identifier);
  const operation = routeBuiltIn({
    method: request.method,
    path: request.path,
    query,
    containerType,
    strict: true,
  });
  const body = parseJsonBody(request.body ?? "");
  const identifier = requireIdentifier(query, body);
  const told = exchange.interpreter ?? { status: 500, body: "the interpreter must not be asked" };
  if (operation.kind === "execute") {
    const execution = parseExecution(operation, body);
    const asked = toInterpreterExecution(execution, { identifier, executionId: EXECUTION_ID });
    const outcome = readExecution(told, execution, { identifier, executionId: EXECUTION_ID });
    const context = { identifier, executionId: EXECUTION_ID, poolUrl: POOL_URL };
    return { asked, answer: renderExecution(operation, execution, outcome, context) };
  }
  if (request.file !== undefined) uploadName(request.file.name);
  return playFile(operation, identifier, told);
}

function playFile(
  operation: Operation,
  identifier: string,
  told: { status: number; body: string },
): Replayed {
  const asked = (each: OperationOf<"upload" | "list" | "fileMetadata" | "download" | "deleteFile">) => ({
    asked: toInterpreterFile(each, { identifier }),
  });
  const options = { identifier };
  switch (operation.kind) {
    case "upload":
      return {
        ...asked(operation),
        answer: renderUpload(operation, readFileEntry(told, operation, options)),
      };
    case "list":
      return {
        ...asked(operation),
        answer: renderList(operation, readFileEntries(told, operation, options)),
      };
    case "fileMetadata":
      return {
        ...asked(operation),
        answer: renderFileMetadata(operation, readFileEntry(told, operation, options)),
      };
    case "download":
      if (told.status !== 200) throw fileError(told, operation, options);
      return { ...asked(operation), answer: { ...downloadHead(told.body.length), body: told.body } };
    case "deleteFile":
      if (told.status >= 400) throw fileError(told, operation, options);
      return { ...asked(operation), answer: renderDeletedFile() };
    default:
      throw new Error(`no replay for ${operation.kind}`);
  }
}
