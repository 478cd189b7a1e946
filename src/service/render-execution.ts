import type { Dialect } from "./api-version.js";
import type { ExecutionRequest } from "./execution-request.js";
import type { ExecutionOutcome } from "./interpreter-answer.js";
import type { OperationOf } from "./operation.js";
import { referenceIds } from "./reference-ids.js";
import { jsonAnswer, type WireAnswer } from "./wire-answer.js";

/** What an execution's answer needs besides its outcome. */
export interface ExecutionContext {
  identifier: string;
  /** Id of the execution unless the interpreter chose its own. */
  executionId: string;
  /** The pool's absolute URL without a trailing slash, for `Operation-Location`. */
  poolUrl: string;
}

/**
 * The service's answer to an execution.
 * G0 and G1 answer 200 with `Success` or `Failure` (recordings A1.1); 2024-10-02-preview answers 202 also when
 * the run is over (A3.1), later versions 200 (E1); an asynchronous run 202 with `Operation-Location`
 * (api-reference 4.7); a Shell pool the exit code as status (E24, F2).
 * A failed program is never an HTTP error.
 */
export function renderExecution(
  operation: OperationOf<"execute">,
  request: ExecutionRequest,
  outcome: ExecutionOutcome,
  context: ExecutionContext,
): WireAnswer {
  const { dialect } = operation;
  if (request.kind === "shell") return jsonAnswer(200, shellResource(request, outcome, context));
  if (dialect === "G0" || dialect === "G1") return jsonAnswer(200, legacyResource(dialect, outcome));
  const resource = executionResource(dialect, outcome, { ...context, executionType: request.executionType });
  // A run that waits behind another is under way as far as the service tells (swagger examples, all versions).
  if (request.asynchronous && resource.status === "NotStarted") resource.status = "Running";
  if (!request.asynchronous) return jsonAnswer(dialect === "2024-10-02-preview" ? 202 : 200, resource);
  const id = outcome.id ?? context.executionId;
  const query = new URLSearchParams({ "api-version": operation.apiVersion, identifier: context.identifier });
  return jsonAnswer(202, resource, {
    "operation-id": id,
    "operation-location": `${context.poolUrl}/executions/${encodeURIComponent(id)}?${query}`,
  });
}

/** The service's answer to a poll: the same resource, always 200 (recordings D3). */
export function renderPolledExecution(
  operation: OperationOf<"getExecution">,
  outcome: ExecutionOutcome,
  context: { identifier: string },
): WireAnswer {
  const resource = executionResource(operation.dialect, outcome, {
    identifier: context.identifier,
    executionId: operation.executionId,
    executionType: outcome.executionType ?? "Asynchronous",
  });
  return jsonAnswer(200, resource);
}

function executionResource(
  dialect: Dialect,
  outcome: ExecutionOutcome,
  context: { identifier: string; executionId: string; executionType: string },
): Record<string, unknown> {
  const id = referenceIds(dialect);
  const resource = {
    ...id(),
    id: outcome.id ?? context.executionId,
    identifier: context.identifier,
    executionType: context.executionType,
    status: outcome.state,
  };
  // Interpreters fill the result of an unfinished run with notes of their own; the service shows none.
  if (outcome.state === "NotStarted" || outcome.state === "Running") return resource;
  return {
    ...resource,
    result: {
      ...id(),
      stdout: outcome.stdout,
      stderr: outcome.stderr,
      executionResult: wireValue(dialect, outcome.value),
      executionTimeInMilliseconds: outcome.duration,
    },
  };
}

function legacyResource(dialect: "G0" | "G1", outcome: ExecutionOutcome): Record<string, unknown> {
  const id = referenceIds(dialect);
  const top = id();
  const members = () => ({
    status: outcome.state === "Succeeded" ? "Success" : "Failure",
    stdout: outcome.stdout,
    stderr: outcome.stderr,
    result: wireValue(dialect, outcome.value),
    executionTimeInMilliseconds: outcome.duration,
  });
  if (dialect === "G0") return { ...top, ...members() };
  return { ...top, properties: { ...id(), ...members() } };
}

function shellResource(
  request: ExecutionRequest,
  outcome: ExecutionOutcome,
  context: { identifier: string },
): Record<string, unknown> {
  const { timedOut, stdout, stderr, duration } = outcome;
  return {
    identifier: context.identifier,
    status: timedOut ? "-1" : String(outcome.exitCode ?? (outcome.state === "Succeeded" ? 0 : 1)),
    result: {
      stdout,
      stderr,
      executionTimeInMilliseconds: timedOut ? request.timeoutInSeconds * 1000 : duration,
    },
  };
}

/** No value is `""`; only 2025-10-02-preview shows a value of null as null (api-reference 14 no. 15). */
function wireValue(dialect: Dialect, value: unknown): unknown {
  if (value === null) return dialect === "2025-10-02-preview" ? null : "";
  return value === undefined ? "" : value;
}
