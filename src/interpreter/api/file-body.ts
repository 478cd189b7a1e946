import type { FileEntry } from "../files/entry.js";
import type { Dialect } from "./dialect.js";

type Json = Record<string, unknown>;

/** One file object (byoc 3.6; recordings D4, D5). */
export function fileBody(entry: FileEntry, dialect: Dialect): Json {
  const type = dialect.fileTypes[entry.type];
  if (dialect.fileObject === "legacy") {
    return {
      name: entry.name,
      type,
      filename: entry.name,
      size: entry.sizeInBytes,
      last_modified_time: entry.lastModifiedAt,
      mime_type: entry.contentType,
    };
  }
  return {
    name: entry.name,
    sizeInBytes: entry.sizeInBytes,
    lastModifiedAt: entry.lastModifiedAt,
    contentType: entry.contentType,
    type,
    ...(dialect.withDirectory ? { directory: entry.directory } : {}),
  };
}

/** Answer to a list. */
export function listBody(entries: FileEntry[], dialect: Dialect): unknown {
  const bodies = entries.map((entry) => fileBody(entry, dialect));
  return dialect.wrappedList ? { value: bodies } : bodies;
}

/** Answer to an upload. Several files in one request always come back as an array. */
export function uploadBody(entries: FileEntry[], dialect: Dialect): unknown {
  const bodies = entries.map((entry) => fileBody(entry, dialect));
  return dialect.uploadArray || bodies.length > 1 ? bodies : bodies[0];
}

/** Answer to `GET /files/{name}`; the old API has a shape of its own for it (recordings D5). */
export function metadataBody(entry: FileEntry, dialect: Dialect): unknown {
  if (dialect.fileObject !== "legacy") return fileBody(entry, dialect);
  const properties = {
    $id: "",
    filename: entry.name,
    size: entry.sizeInBytes,
    lastModifiedTime: entry.lastModifiedAt,
  };
  return { value: [{ $id: "", properties }] };
}
