import { NEWEST_VERSION } from "./api-version.js";
import type { ExecutionRequest, ShellExecution } from "./execution-request.js";
import type { OperationOf } from "./operation.js";

/**
 * A request to the program inside a session. Only endpoints and members that BYOC images document are used
 * (byoc 3.1, 3.2), so that any such image can stand behind a built-in pool.
 */
export interface InterpreterRequest {
  method: "GET" | "POST" | "DELETE";
  /** Path and query, percent-encoded. */
  url: string;
  headers: Record<string, string>;
  /** JSON text. Absent for file transfers, whose body the caller streams. */
  body?: string;
}

/**
 * The api-version in which the emulator speaks to interpreters. The vendor's images do not look at it (recordings
 * E37); ours tells None from no value in the newest only, and the answer's own dialect decides what is shown of it.
 */
const INTERPRETER_VERSION = NEWEST_VERSION;

/**
 * The interpreter's request for an execution: `POST /executions`, or `POST /shellExecute` for a Shell pool
 * (api-reference 4.9).
 *
 * @param options.executionId offered to the interpreter as `operation-id`, which it may use as the id
 */
export function toInterpreterExecution(
  request: ExecutionRequest,
  options: { identifier: string; executionId: string },
): InterpreterRequest {
  const headers = { "content-type": "application/json", "operation-id": options.executionId };
  if (request.kind === "shell") {
    return {
      method: "POST",
      url: interpreterUrl(["shellExecute"], options.identifier),
      headers,
      body: JSON.stringify(shellBody(request)),
    };
  }
  const { code, timeoutInSeconds, asynchronous, outputStreamsMaxLength } = request;
  const body = {
    code,
    codeInputType: "Inline",
    executionType: asynchronous ? "Asynchronous" : "Synchronous",
    timeoutInSeconds,
    ...(outputStreamsMaxLength === undefined ? {} : { outputStreamsMaxLength }),
  };
  return {
    method: "POST",
    url: interpreterUrl(["executions"], options.identifier),
    headers,
    body: JSON.stringify(body),
  };
}

/** The interpreter's request for the state of an asynchronous execution. */
export function toInterpreterPoll(
  operation: OperationOf<"getExecution">,
  options: { identifier: string },
): InterpreterRequest {
  const url = interpreterUrl(["executions", operation.executionId], options.identifier);
  return { method: "GET", url, headers: {} };
}

/**
 * The interpreter's request for a file operation. An upload's body is multipart with one part `file`, whose
 * file name is that of `uploadName`; a download's answer is the file.
 */
export function toInterpreterFile(
  operation: OperationOf<"upload" | "list" | "fileMetadata" | "download" | "deleteFile">,
  options: { identifier: string },
): InterpreterRequest {
  const { identifier } = options;
  const { directory } = operation;
  const at = (segments: string[], extra: Record<string, string> = {}) =>
    interpreterUrl(segments, identifier, { ...(directory === "" ? {} : { path: directory }), ...extra });
  switch (operation.kind) {
    case "upload":
      return { method: "POST", url: at(["files"]), headers: {} };
    case "list":
      return {
        method: "GET",
        url: at(["files"], operation.recursive ? { recursive: "true" } : {}),
        headers: {},
      };
    case "fileMetadata":
      return { method: "GET", url: at(["files", operation.name]), headers: {} };
    case "download":
      return { method: "GET", url: at(["files", operation.name, "content"]), headers: {} };
    case "deleteFile":
      return { method: "DELETE", url: at(["files", operation.name]), headers: {} };
  }
}

function shellBody(request: ShellExecution): Record<string, unknown> {
  const { command, timeoutInSeconds, outputStreamsMaxLength, stdin } = request;
  return { ...command, timeoutInSeconds, outputStreamsMaxLength, ...(stdin === undefined ? {} : { stdin }) };
}

function interpreterUrl(segments: string[], identifier: string, extra: Record<string, string> = {}): string {
  const query = new URLSearchParams({ "api-version": INTERPRETER_VERSION, identifier, ...extra });
  // A space as %20, not +: not every server reads + in a query as a space.
  const text = query.toString().replaceAll("+", "%20");
  return `/${segments.map(encodeURIComponent).join("/")}?${text}`;
}
