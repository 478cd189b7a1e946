import { expect } from "vitest";

/** Versions a request can name; `NONE` is a request without `api-version`, as the 2026 specification has it. */
export const V2024_02 = "api-version=2024-02-02-preview";
export const V2024_08 = "api-version=2024-08-02-preview";
export const V2024_10 = "api-version=2024-10-02-preview";
export const V2025_02 = "api-version=2025-02-02-preview";
export const V2025_10 = "api-version=2025-10-02-preview";

export const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
export const MILLISECONDS = expect.any(Number);
/** RFC 3339 with nine digits (recordings D4). */
export const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);

type Json = Record<string, unknown>;

/** What a run left, for the bodies below. */
interface Ran {
  stdout?: unknown;
  stderr?: unknown;
  value?: unknown;
  id?: unknown;
  executionType?: string;
}

/** Body of a finished execution with `rawResult` and `sessionId` (recordings D1). */
export function finished2024(ran: Ran): Json {
  const { id = UUID } = ran;
  return {
    ...finished2026(ran),
    sessionId: "{identifier}",
    rawResult: raw({ stdout: ran.stdout, stderr: ran.stderr, result: ran.value, operationId: id }),
  };
}

/** Body of a finished execution in the specification of 2026 and in the swagger. */
export function finished2026({ stdout = "", stderr = "", value = "", id = UUID, executionType }: Ran): Json {
  return {
    id,
    identifier: "{identifier}",
    executionType: executionType ?? expect.stringMatching(/^synchronous$/i),
    status: "Succeeded",
    result: { stdout, stderr, executionResult: value, executionTimeInMilliseconds: MILLISECONDS },
  };
}

/** Body of a run that raised, was interrupted or lost its kernel. */
export function failed2024(error: {
  name: unknown;
  message?: unknown;
  hresult?: unknown;
  stderr: unknown;
}): Json {
  const body = finished2024({ stdout: expect.any(String), stderr: error.stderr });
  return {
    ...body,
    status: "Failed",
    rawResult: {
      ...raw({ stdout: expect.any(String), stderr: expect.any(String), result: null, operationId: UUID }),
      hresult: error.hresult ?? expect.any(Number),
      error_name: error.name,
      error_message: error.message ?? expect.any(String),
      error_stack_trace: expect.any(String),
    },
  };
}

interface Raw {
  stdout?: unknown;
  stderr?: unknown;
  result?: unknown;
  operationId: unknown;
  identifier?: unknown;
}

/** A raw result without an error (recordings D1). */
export function raw({ stdout = "", stderr = "", result = "", operationId, identifier }: Raw): Json {
  return {
    hresult: 0,
    result,
    error_name: "",
    error_message: "",
    error_stack_trace: "",
    stdout,
    stderr,
    operationId,
    diagnosticInfo: {
      executionRequestTimeInMilliSeconds: MILLISECONDS,
      executionProcessResponseTimeInMilliSeconds: MILLISECONDS,
      executionDuration: MILLISECONDS,
      identifier: identifier ?? "{identifier}",
    },
  };
}

/** A file as each generation describes it (byoc 3.6; recordings D4, D5). */
export interface FileFacts {
  name: string;
  size: number;
  contentType?: string;
}

const PLAIN = "text/plain; charset=utf-8";

/** ≤ 2024-08: list and upload. */
export function legacyFile({ name, size, contentType = PLAIN }: FileFacts): Json {
  return { name, type: "file", filename: name, size, last_modified_time: TIME, mime_type: contentType };
}

/** ≤ 2024-08: `GET /files/{name}`. */
export function legacyMetadata({ name, size }: FileFacts): Json {
  return {
    value: [{ $id: "", properties: { $id: "", filename: name, size, lastModifiedTime: TIME } }],
  };
}

/** 2024-10 (`type: "File"`) and 2025-02 (`"file"`). */
export function file2024({ name, size, contentType = PLAIN }: FileFacts, type = "File"): Json {
  return { name, sizeInBytes: size, lastModifiedAt: TIME, contentType, type };
}

/** 2025-10 and 2026. */
export function file2026(facts: FileFacts, directory = "."): Json {
  return { ...file2024(facts, "file"), directory };
}

/** A directory in a list of 2025-10 and 2026. Its size and content type are nobody's business. */
export function directory2026(name: string, parent = "."): Json {
  return {
    name,
    sizeInBytes: expect.any(Number),
    lastModifiedAt: TIME,
    contentType: expect.any(String),
    type: "directory",
    directory: parent,
  };
}

/** A message as the 2024 versions wrap it. */
export const message = (pattern: RegExp): Json => ({ message: expect.stringMatching(pattern) });
