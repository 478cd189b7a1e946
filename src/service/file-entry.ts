import { type InterpreterAnswer, usableBody } from "./interpreter-answer.js";
import { isJsonObject, memberOf } from "./json-body.js";
import type { OperationOf } from "./operation.js";
import { ServiceError } from "./service-error.js";
import { serviceTimestamp } from "./timestamp.js";

/** A file or directory of a session, in the service's terms. */
export interface FileEntry {
  name: string;
  type: "file" | "directory";
  contentType: string;
  sizeInBytes: number;
  /** As it goes on the wire, see `serviceTimestamp`. */
  lastModifiedAt: string;
  /** Directory that holds it, relative to the data root; `.` for the root itself. */
  directory: string;
}

type FileOperation = OperationOf<"upload" | "list" | "fileMetadata" | "download" | "deleteFile">;

const DEFAULT_CONTENT_TYPE = "application/octet-stream";

/**
 * Reads an interpreter's answer about files: `{"value":[…]}`, a bare array, one object, or null for an empty
 * directory; entries in the 2024 or 2026 form or with the older members `filename` and `size` (byoc 3.6).
 *
 * @throws ServiceError see {@link fileError}; `interpreterFailed` for an answer that describes no files
 */
export function readFileEntries(
  answer: InterpreterAnswer,
  operation: FileOperation,
  options: { identifier: string },
): FileEntry[] {
  const { identifier } = options;
  if (answer.status >= 400) throw fileError(answer, operation, { identifier });
  const body = usableBody(answer, identifier);
  const list = isJsonObject(body) && Object.hasOwn(body, "value") ? body.value : body;
  const entries = Array.isArray(list) ? list : list === null ? [] : [list];
  return entries.map((entry) => {
    const read = entryOf(memberOf(entry, "properties") ?? entry, operation.directory);
    if (read !== undefined) return read;
    throw new ServiceError("interpreterFailed", {
      identifier,
      cause: `it described a file as ${JSON.stringify(entry)?.slice(0, 300)}`,
    });
  });
}

/** The one entry of an upload's or a metadata call's answer. @throws ServiceError as {@link readFileEntries} */
export function readFileEntry(
  answer: InterpreterAnswer,
  operation: OperationOf<"upload" | "fileMetadata">,
  options: { identifier: string },
): FileEntry {
  const [entry] = readFileEntries(answer, operation, options);
  if (entry !== undefined) return entry;
  throw new ServiceError("interpreterFailed", {
    identifier: options.identifier,
    cause: "it answered a file call with an empty list",
  });
}

/**
 * The service's error for an interpreter's failed file call: 404 names the file (recordings E11, E12),
 * 413 the limit, any other status carries the interpreter's words.
 */
export function fileError(
  answer: InterpreterAnswer,
  operation: FileOperation,
  options: { identifier: string; limit?: number },
): ServiceError {
  if (answer.status === 404) {
    const name =
      operation.kind === "list" || operation.kind === "upload" ? `/${operation.directory}` : operation.name;
    return new ServiceError(operation.kind === "deleteFile" ? "fileToDeleteNotFound" : "fileNotFound", {
      name,
    });
  }
  if (answer.status === 413) {
    return new ServiceError("bodyTooLarge", { limit: options.limit ?? UPLOAD_LIMIT_BYTES });
  }
  try {
    usableBody(answer, options.identifier);
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  return new ServiceError("interpreterFailed", {
    identifier: options.identifier,
    cause: `it answered ${answer.status}`,
  });
}

/** The largest file that a built-in pool takes (api-reference 5.1). */
export const UPLOAD_LIMIT_BYTES = 128 * 1024 * 1024;

function entryOf(entry: unknown, askedDirectory: string): FileEntry | undefined {
  if (!isJsonObject(entry)) return undefined;
  const name = firstOf(entry, ["name", "filename"]);
  const size = firstOf(entry, ["sizeInBytes", "size"]);
  const modified = firstOf(entry, ["lastModifiedAt", "lastModifiedTime", "last_modified_time"]);
  const contentType = firstOf(entry, ["contentType", "mime_type"]);
  const directory = firstOf(entry, ["directory"]);
  const lastModifiedAt = typeof modified === "string" ? serviceTimestamp(modified) : undefined;
  if (typeof name !== "string" || lastModifiedAt === undefined) return undefined;
  const type = String(firstOf(entry, ["type"]) ?? "file").toLowerCase();
  return {
    name: name.split("/").filter(Boolean).pop() ?? name,
    type: type === "directory" ? "directory" : "file",
    contentType: typeof contentType === "string" && contentType !== "" ? contentType : DEFAULT_CONTENT_TYPE,
    sizeInBytes: typeof size === "number" ? size : 0,
    lastModifiedAt,
    directory: typeof directory === "string" && directory !== "" ? directory : askedDirectory || ".",
  };
}

function firstOf(entry: unknown, names: string[]): unknown {
  return names.map((name) => memberOf(entry, name)).find((value) => value !== undefined);
}
