import type { Dialect } from "./api-version.js";
import type { FileEntry } from "./file-entry.js";
import type { OperationOf } from "./operation.js";
import { type ReferenceIds, referenceIds } from "./reference-ids.js";
import { emptyAnswer, jsonAnswer, type WireAnswer } from "./wire-answer.js";

/**
 * The answer to an upload. G1 answers a list of one (recordings A1.2), 2024-10-02-preview an object whose
 * `type` and `contentType` are empty (A3.2), later versions fill them (E25).
 */
export function renderUpload(operation: OperationOf<"upload">, entry: FileEntry): WireAnswer {
  const { dialect } = operation;
  if (dialect === "G0" || dialect === "G1") return jsonAnswer(200, legacyList(dialect, [entry]));
  const described =
    dialect === "2024-10-02-preview"
      ? { type: "", contentType: "" }
      : { type: entry.type, contentType: entry.contentType };
  return jsonAnswer(200, { ...referenceIds(dialect)(), name: entry.name, ...described, ...measured(entry) });
}

/** The answer to a list, sorted by directory and name (recordings A1.3, A3.3, E10, F5). */
export function renderList(operation: OperationOf<"list">, entries: readonly FileEntry[]): WireAnswer {
  const { dialect } = operation;
  const sorted = [...entries].sort((a, b) => compare(a.directory, b.directory) || compare(a.name, b.name));
  if (dialect === "G0" || dialect === "G1") return jsonAnswer(200, legacyList(dialect, sorted));
  const id = referenceIds(dialect);
  const top = id();
  const value = sorted.map((entry) => ({
    ...id(),
    name: entry.name,
    ...(dialect === "2025-10-02-preview" ? { directory: entry.directory } : {}),
    type: entry.type,
    contentType: entry.contentType,
    ...measured(entry),
  }));
  return jsonAnswer(200, { ...top, value });
}

/**
 * The answer to a file's metadata: without `type` and `contentType` on 2024-10-02-preview (recordings A3.5),
 * with them later (swagger 2025-02-02-preview requires `type`).
 */
export function renderFileMetadata(operation: OperationOf<"fileMetadata">, entry: FileEntry): WireAnswer {
  const { dialect } = operation;
  const id = referenceIds(dialect);
  const top = id();
  if (dialect === "G0" || dialect === "G1") {
    return jsonAnswer(200, { ...top, properties: { ...id(), ...legacyMembers(entry) } });
  }
  const described =
    dialect === "2024-10-02-preview" ? {} : { type: entry.type, contentType: entry.contentType };
  return jsonAnswer(200, { ...top, name: entry.name, ...described, ...measured(entry) });
}

/**
 * Status and headers of a download; the caller streams the bytes (recordings A1.4, A3.4).
 *
 * @param contentLength bytes, when the interpreter told them
 */
export function downloadHead(contentLength: number | undefined): WireAnswer {
  return emptyAnswer(200, {
    "content-type": "application/octet-stream",
    ...(contentLength === undefined ? {} : { "content-length": String(contentLength) }),
  });
}

/** The answer to a deleted file (recordings A1.6, A3.6). */
export function renderDeletedFile(): WireAnswer {
  return emptyAnswer(204);
}

/** G1: `value` of wrapped entries; G0: `$values` of bare ones with snake-case times (clients 2.1). */
function legacyList(dialect: Extract<Dialect, "G0" | "G1">, entries: readonly FileEntry[]): unknown {
  const id: ReferenceIds = referenceIds(dialect);
  const top = id();
  if (dialect === "G1") {
    return {
      ...top,
      value: entries.map((entry) => ({ ...id(), properties: { ...id(), ...legacyMembers(entry) } })),
    };
  }
  return {
    ...top,
    $values: entries.map((entry) => ({
      ...id(),
      filename: entry.name,
      size: entry.sizeInBytes,
      last_modified_time: entry.lastModifiedAt,
    })),
  };
}

function legacyMembers(entry: FileEntry): Record<string, unknown> {
  return { filename: entry.name, size: entry.sizeInBytes, lastModifiedTime: entry.lastModifiedAt };
}

function measured(entry: FileEntry): Record<string, unknown> {
  return { sizeInBytes: entry.sizeInBytes, lastModifiedAt: entry.lastModifiedAt };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
