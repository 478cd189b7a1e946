import type { ExecutionRequest } from "./execution-request.js";
import { isJsonObject, memberOf } from "./json-body.js";
import { ServiceError } from "./service-error.js";
import { firstBytes, onNewLine, withoutAnsi } from "./stream-text.js";

/** What the program inside a session answered. */
export interface InterpreterAnswer {
  status: number;
  /** Body as text; `""` when there was none. */
  body: string;
}

/** States of an execution on the flat wire (swagger 2024-10-02-preview). */
export type ExecutionState = "NotStarted" | "Running" | "Succeeded" | "Failed" | "Canceled";

const STATES: readonly ExecutionState[] = ["NotStarted", "Running", "Succeeded", "Failed", "Canceled"];

/** One execution, whatever interpreter ran it and however it is told. */
export interface ExecutionOutcome {
  /** The interpreter's own id, when it gave one. */
  id?: string;
  executionType?: string;
  state: ExecutionState;
  stdout: string;
  /** Ends with the traceback or the reason when the run failed. */
  stderr: string;
  /** Value of the last expression; `undefined` when there is none. */
  value: unknown;
  /** Milliseconds. */
  duration: number;
  /** Shell only. */
  exitCode?: number;
  timedOut: boolean;
}

/** The service's words for a run that took too long (recordings E5). */
export const TIMEOUT_WORDS = "Request timed out waiting for code execution to complete";
/** The service's words for a run that the end of the kernel or a run before it took down (recordings E6, E7). */
export const ABORTED_WORDS = "Execution aborted";

/** Names under which interpreters report the end of the time limit (byoc 3.4, api-reference 4.9). */
const TIMEOUT_NAMES: ReadonlySet<string> = new Set(["Timeout", "ExecutionTimeout"]);

/**
 * Reads an interpreter's answer to an execution or a poll: the 2024 shape with `rawResult`, the 2026 shape
 * without, and the Shell image's.
 *
 * @param request absent for a poll
 * @param options.executionId for the message when the interpreter does not know the execution
 * @throws ServiceError `executionNotFound` (404 to a poll), `interpreterRefused` (other 4xx), `interpreterFailed`
 *   (5xx, an answer that is no execution, one that is not over although it should be, an image without the route)
 */
export function readExecution(
  answer: InterpreterAnswer,
  request: ExecutionRequest | undefined,
  options: { identifier: string; executionId: string },
): ExecutionOutcome {
  const { identifier, executionId } = options;
  const fail = (cause: string) => new ServiceError("interpreterFailed", { identifier, cause });
  if (answer.status === 404 || answer.status === 405) {
    if (request === undefined) throw new ServiceError("executionNotFound", { id: executionId });
    const route = request.kind === "shell" ? "/shellExecute" : "/executions";
    throw fail(`it has no POST ${route} (it answered ${answer.status} ${messageOf(answer.body)})`);
  }
  const body = usableBody(answer, identifier);
  const status = memberOf(body, "status");
  const state = STATES.find((known) => known === status);
  if (state === undefined) throw fail(`its answer has no known status: ${excerpt(answer.body)}`);
  const pending = state === "NotStarted" || state === "Running";
  if (pending && request?.asynchronous === false)
    throw fail(`it answered '${state}' to a synchronous execution`);
  return outcomeOf(body, state, request);
}

/** The outcome of a run that the emulator gave up on because its time was over. */
export function timedOutOutcome(request: ExecutionRequest): ExecutionOutcome {
  return {
    state: "Failed",
    stdout: "",
    stderr: TIMEOUT_WORDS,
    value: undefined,
    duration: request.timeoutInSeconds * 1000,
    timedOut: true,
  };
}

/**
 * The outcome of a run whose session ended under it (memory, exit, a dead container).
 *
 * @param duration milliseconds since the run began
 */
export function abortedOutcome(duration: number): ExecutionOutcome {
  return {
    state: "Failed",
    stdout: "",
    stderr: ABORTED_WORDS,
    value: undefined,
    duration: Math.max(0, Math.round(duration)),
    timedOut: false,
  };
}

/**
 * The JSON of a successful answer.
 *
 * @throws ServiceError `interpreterRefused` (4xx), `interpreterFailed` (5xx, no JSON)
 */
export function usableBody(answer: InterpreterAnswer, identifier: string): unknown {
  const { status, body } = answer;
  if (status >= 400 && status < 500) {
    throw new ServiceError("interpreterRefused", { status, cause: messageOf(body) });
  }
  if (status < 200 || status >= 300) {
    throw new ServiceError("interpreterFailed", {
      identifier,
      cause: `it answered ${status} ${messageOf(body)}`,
    });
  }
  try {
    return JSON.parse(body);
  } catch {
    throw new ServiceError("interpreterFailed", {
      identifier,
      cause: `its answer is not JSON: ${excerpt(body)}`,
    });
  }
}

function outcomeOf(
  body: unknown,
  state: ExecutionState,
  request: ExecutionRequest | undefined,
): ExecutionOutcome {
  const raw = memberOf(body, "rawResult");
  const result = memberOf(body, "result");
  const limit = request?.outputStreamsMaxLength;
  const id = text(memberOf(body, "id"));
  const executionType = text(memberOf(body, "executionType"));
  const code = memberOf(body, "exitCode");
  const exitCode = typeof code === "number" && Number.isInteger(code) ? code : undefined;
  const errorName = text(memberOf(raw, "error_name")) || text(memberOf(body, "errorName"));
  const timedOut = state === "Failed" && TIMEOUT_NAMES.has(errorName);
  const shell = request?.kind === "shell";
  // A command that ran has said all it had to say; one that could not start has only the interpreter's words.
  const explained = state !== "Failed" || (shell && (exitCode !== undefined || timedOut));
  const trace = text(memberOf(raw, "error_stack_trace")).trim();
  let stderr = text(memberOf(result, "stderr"));
  // The traceback of a run that was interrupted shows the interruption, not a fault of the program (E5).
  if (timedOut && trace !== "") stderr = stderr.replace(trace, "").replace(withoutAnsi(trace), "").trimEnd();
  const reason = explained ? "" : timedOut ? TIMEOUT_WORDS : trace || errorText(body, raw, errorName, stderr);
  // Without a trace of its own the answer has it in stderr, in colours that the service does not show.
  if (!explained && reason === "") stderr = withoutAnsi(stderr);
  return {
    state,
    stdout: cut(text(memberOf(result, "stdout")), limit),
    stderr: reason === "" ? cut(stderr, explained ? limit : undefined) : withReason(stderr, reason, limit),
    value: executionValue(result),
    duration: durationOf(memberOf(result, "executionTimeInMilliseconds")),
    timedOut,
    ...(id === "" ? {} : { id }),
    ...(executionType === "" ? {} : { executionType }),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

/** The error's name and message, for interpreters that give no traceback; nothing when `stderr` tells it already. */
function errorText(body: unknown, raw: unknown, errorName: string, stderr: string): string {
  const message = text(memberOf(raw, "error_message")) || text(memberOf(body, "errorMessage"));
  if (message !== "" && stderr.includes(message)) return "";
  return [errorName, message].filter((part) => part !== "").join(": ");
}

/**
 * Puts the reason behind the stream, once and without colours, and cuts only the stream: the cut must not hide
 * why a run failed.
 */
function withReason(stderr: string, reason: string, limit: number | undefined): string {
  const plain = withoutAnsi(reason);
  for (const form of [reason, plain]) {
    const start = stderr.lastIndexOf(form);
    if (start < 0) continue;
    return cut(stderr.slice(0, start), limit) + plain + stderr.slice(start + form.length);
  }
  return onNewLine(cut(stderr, limit), plain);
}

/** The value as the service gives it: images bare, without the wrapper that the image's executor adds. */
function executionValue(result: unknown): unknown {
  if (!isJsonObject(result)) return undefined;
  const value = result.executionResult;
  return memberOf(value, "officepy_result") ?? value;
}

function cut(stream: string, limit: number | undefined): string {
  return limit === undefined ? stream : firstBytes(stream, limit);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function durationOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? Math.max(0, Math.round(value)) : 0;
}

/** The words of an interpreter's error: `{"message"}`, `{"error":{"message"}}`, a JSON string, or plain text. */
export function messageOf(body: string): string {
  try {
    const json: unknown = JSON.parse(body);
    const message = memberOf(json, "message") ?? memberOf(memberOf(json, "error"), "message") ?? json;
    if (typeof message === "string") return excerpt(message);
  } catch {
    // Plain text: taken as it is.
  }
  return excerpt(body);
}

function excerpt(body: string): string {
  const line = body.replace(/\s+/g, " ").trim();
  if (line === "") return "(no text)";
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
