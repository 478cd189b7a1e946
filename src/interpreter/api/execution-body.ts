import type { Operation } from "../execution/operations.js";
import { HRESULT, type RunOutcome, stderrWithError } from "../execution/outcome.js";
import type { Dialect } from "./dialect.js";

type Json = Record<string, unknown>;

/** What a poll finds in place of a raw result (recordings D3). */
const EMPTIED_RAW_RESULT: Json = {
  hresult: HRESULT.ok,
  result: "",
  error_name: "",
  error_message: "",
  error_stack_trace: "",
  stdout: "",
  stderr: "",
  diagnosticInfo: {
    executionRequestTimeInMilliSeconds: 0,
    executionProcessResponseTimeInMilliSeconds: 0,
    executionDuration: 0,
    identifier: "",
  },
  operationId: "",
};

/** Body of `POST /executions` and `GET /executions/{id}` (byoc 3.3, 3.5; recordings D1, D3). */
export function executionBody(operation: Operation, dialect: Dialect, keepAnsi: boolean): Json {
  const { id, outcome } = operation;
  const body = { ...envelope(operation, dialect), status: operation.status };
  if (outcome === undefined) {
    return { ...body, ...(dialect.rawResult ? { rawResult: rawResult(undefined, operation, "") } : {}) };
  }
  // The image empties the raw result of an asynchronous run that went well; an error is not to be lost.
  const isEmptied = /^asynchronous$/i.test(operation.executionType) && outcome.error === undefined;
  const raw = isEmptied ? EMPTIED_RAW_RESULT : rawResult(outcome, operation, id);
  return {
    ...body,
    result: resultOf(operation, outcome, dialect, keepAnsi),
    ...(dialect.rawResult ? { rawResult: raw } : {}),
  };
}

/** Answer to an asynchronous submit, before anything is known (recordings D2; byoc 3.5). */
export function submittedBody(operation: Operation, dialect: Dialect): Json {
  const body = { ...envelope(operation, dialect), status: dialect.submitStatus };
  if (dialect.submitIdInResult) {
    const result = {
      stdout: operation.id,
      stderr: "",
      executionResult: null,
      executionTimeInMilliseconds: 0,
    };
    return { ...body, result };
  }
  const raw = { ...rawResult(undefined, operation, operation.id), stdout: operation.id };
  return dialect.rawResult ? { ...body, rawResult: raw } : body;
}

/** Body of `/code/execute` (recordings D5). */
export function legacyBody(operation: Operation, dialect: Dialect, keepAnsi: boolean): Json {
  const { id, outcome } = operation;
  if (outcome === undefined) return { properties: { $id: id, status: "Running" } };
  const status = outcome.error === undefined ? "Success" : "Failure";
  return { properties: { $id: id, status, ...resultOf(operation, outcome, dialect, keepAnsi) } };
}

/** Body of `/execute`: the raw result, with pictures in their old wrapping (recordings D7). */
export function ancestorBody(operation: Operation): Json {
  const { outcome, status, id } = operation;
  const raw = rawResult(outcome, operation, id);
  const isImage = typeof raw.result === "object" && raw.result !== null;
  return { ...raw, result: isImage ? { officepy_result: raw.result } : raw.result, status };
}

function envelope({ id, identifier, executionType }: Operation, dialect: Dialect): Json {
  return {
    id,
    identifier,
    ...(dialect.rawResult ? { sessionId: identifier } : {}),
    executionType,
  };
}

function resultOf(operation: Operation, outcome: RunOutcome, dialect: Dialect, keepAnsi: boolean): Json {
  const typed = outcome.value === null ? dialect.none : (outcome.value ?? dialect.noValue);
  return {
    stdout: outcome.stdout,
    stderr: stderrWithError(outcome, operation.outputLimit, keepAnsi),
    executionResult: operation.jupyterFormat ? (outcome.bundle ?? dialect.noValue) : typed,
    executionTimeInMilliseconds: outcome.durationMs,
  };
}

function rawResult(outcome: RunOutcome | undefined, operation: Operation, operationId: string): Json {
  const duration = outcome?.durationMs ?? 0;
  const error = outcome?.error;
  return {
    hresult: error?.hresult ?? HRESULT.ok,
    result: outcome === undefined || error !== undefined ? null : (outcome.value ?? ""),
    error_name: error?.name ?? "",
    error_message: error?.message ?? "",
    error_stack_trace: error?.traceback ?? "",
    stdout: outcome?.stdout ?? "",
    stderr: outcome?.stderr ?? "",
    diagnosticInfo: {
      executionRequestTimeInMilliSeconds: duration,
      executionProcessResponseTimeInMilliSeconds: 0,
      executionDuration: duration,
      identifier: operation.identifier,
    },
    operationId,
  };
}
