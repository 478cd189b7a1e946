import type { Request } from "express";
import type { DialectSetting } from "../config/settings.js";

/**
 * Everything in which the generations of the container's API differ (byoc 3.7, api-reference 14), decided
 * here and nowhere else.
 */
export interface Dialect {
  /** Status of a finished synchronous `POST /executions`. Asynchronous submits are always 202. */
  executionStatus: 200 | 202;
  /** Status of an execution just submitted. */
  submitStatus: "Running" | "NotStarted";
  /** A submit's answer carries the execution's id as `result.stdout` instead of in `rawResult`. */
  submitIdInResult: boolean;
  /** What a run without a value has as its result. */
  noValue: "" | null;
  /** What a run has as its result whose last expression is Python's `None`. */
  none: "" | null;
  /** Answers carry `rawResult` and `sessionId`. */
  rawResult: boolean;
  /** File objects: those of 2024-08 and before, or the later ones. */
  fileObject: "legacy" | "resource";
  /** Value of `type` for a file and a directory. */
  fileTypes: { file: string; directory: string };
  /** File objects carry `directory`. */
  withDirectory: boolean;
  /** Lists are `{value: […]}` rather than bare arrays. */
  wrappedList: boolean;
  /** An upload answers with an array even for one file. */
  uploadArray: boolean;
  /** `DELETE` answers 200 with a message rather than 204. */
  deleteMessage: boolean;
  /** Errors and health are JSON strings rather than `{message}`. */
  plainMessages: boolean;
  /** `GET /files/content/{name}` downloads. */
  contentPrefix: boolean;
}

const upper = { file: "File", directory: "Directory" };
const lower = { file: "file", directory: "directory" };

const V2024_10: Dialect = {
  executionStatus: 202,
  submitStatus: "Running",
  submitIdInResult: false,
  noValue: "",
  none: "",
  rawResult: true,
  fileObject: "resource",
  fileTypes: upper,
  withDirectory: false,
  wrappedList: true,
  uploadArray: false,
  deleteMessage: false,
  plainMessages: false,
  contentPrefix: false,
};

const V2024_08: Dialect = {
  ...V2024_10,
  fileObject: "legacy",
  fileTypes: lower,
  wrappedList: false,
  uploadArray: true,
  deleteMessage: true,
  contentPrefix: true,
};

const V2025_02: Dialect = { ...V2024_10, executionStatus: 200, fileTypes: lower };

const V2025_10: Dialect = { ...V2025_02, submitStatus: "NotStarted", none: null, withDirectory: true };

/** The container specification of 2026, which knows no api-version (byoc 3.7). */
const V2026: Dialect = {
  ...V2025_10,
  noValue: null,
  submitIdInResult: true,
  rawResult: false,
  wrappedList: false,
  uploadArray: true,
  plainMessages: true,
  contentPrefix: true,
};

/** Shapes of the endpoints that exist only in the old API (`/code/execute`, `/upload`, `/listfiles`, …). */
export const LEGACY_DIALECT = V2024_08;

/**
 * The dialect for a request: by its api-version, unless one generation is set for all. A version that is newer
 * than all known ones counts as the newest; a request without any is answered as the newest image does.
 */
export function dialectFor(apiVersion: string | undefined, setting: DialectSetting): Dialect {
  if (setting === "2026") return V2026;
  const day = /^\d{4}-\d{2}-\d{2}/.exec(apiVersion ?? "")?.[0];
  if (setting === "2024") return day !== undefined && day < "2024-10" ? V2024_08 : V2024_10;
  if (day === undefined) return V2026;
  if (day < "2024-10") return V2024_08;
  if (day < "2025") return V2024_10;
  return day < "2025-10" ? V2025_02 : V2025_10;
}

/** `api-version` of a request. */
export function apiVersionOf(req: Request): string | undefined {
  return queryText(req, "api-version");
}

/** A query parameter as text; the first one where it is given several times. */
export function queryText(req: Request, name: string): string | undefined {
  const value = req.query[name];
  const first = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : undefined;
}
