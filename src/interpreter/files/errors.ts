/** Kinds of failure of a file call, with the image's codes (byoc 3.6). */
const CODES = {
  invalid: { status: 400, code: "ERR_INVALID_PATH" },
  symlink: { status: 400, code: "ERR_SYMLINK_NOT_ALLOWED" },
  fileNotFound: { status: 404, code: "ERR_FILE_NOT_FOUND" },
  directoryNotFound: { status: 404, code: "ERR_DIR_NOT_FOUND" },
  access: { status: 500, code: "ERR_FILE_ACCESS" },
} as const;

/** A file call that cannot be served. `message` starts with the code, as the image writes it. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly status: number;

  constructor(
    readonly kind: keyof typeof CODES,
    detail: string,
  ) {
    super(`${CODES[kind].code}: ${detail}`);
    this.status = CODES[kind].status;
  }
}

/** Turns an error of the file system into one of ours. */
export function fileError(error: unknown, missing: "fileNotFound" | "directoryNotFound"): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof FileError || code === undefined) return error;
  const what = missing === "fileNotFound" ? "File" : "File path";
  if (code === "ENOENT") return new FileError(missing, `${what} not found`);
  if (code === "ENOTDIR" || code === "EISDIR") return new FileError(missing, `${what} not found (${code})`);
  if (code === "ENAMETOOLONG") return new FileError("invalid", "the path is too long");
  if (code === "ELOOP") return new FileError("symlink", "Symlinks not allowed");
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new FileError("access", `No space left in the session (${code}): delete files there`);
  }
  return new FileError("access", `Error accessing file (${code})`);
}
