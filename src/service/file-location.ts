import { ServiceError } from "./service-error.js";

/** Where a file lies below the data root `/mnt/data`. */
export interface FileLocation {
  /** Directory below the data root, no slash at either end; `""` is the root itself. */
  directory: string;
  name: string;
}

/** Directories of the service's rule: letters of any language, digits, some signs, no dot (api-reference 5.1). */
const DIRECTORY = /^[\p{L}\p{M}\p{N}\-_ @$&=;,#%^()]+$/u;
/** The same and the dot. */
const FILE_NAME = /^[\p{L}\p{M}\p{N}\-_ .@$&=;,#%^()]+$/u;

/**
 * The directory that a `path` parameter means. Absent, empty, `/`, `.`, `/mnt/data` all mean the root;
 * everything else is read below the root.
 *
 * @throws ServiceError `filePathInvalid`
 */
export function directoryOf(path: string | undefined): string {
  return checkedDirectory(segmentsBelowRoot(path ?? ""));
}

/**
 * Where an existing file lies that a request names in its route, perhaps with directories in front of the
 * name, perhaps with a `path` parameter as well. Names of existing files may hold what an upload may not:
 * programs in the session choose them.
 *
 * @param name decoded rest of the route
 * @throws ServiceError `filePathInvalid`, `fileNameInvalid`
 */
export function locateFile(name: string, path: string | undefined): FileLocation {
  const segments = segmentsBelowRoot(name);
  const last = segments.pop() ?? "";
  if (last === "" || last === ".." || hasControlCharacter(last)) {
    throw new ServiceError("fileNameInvalid", { name: last === "" ? name : last });
  }
  const directory = [directoryOf(path), checkedDirectory(segments)].filter((part) => part !== "").join("/");
  return { directory, name: last };
}

/**
 * The name under which an uploaded file is kept: directories in front are dropped, whatever the separator,
 * since clients send full paths such as `/mnt/data/x.csv` (clients 4.2).
 *
 * @throws ServiceError `fileNameInvalid`
 */
export function uploadName(filename: string): string {
  const name = filename.split(/[/\\]/).pop() ?? "";
  if (!FILE_NAME.test(name) || name === "." || name === "..") {
    throw new ServiceError("fileNameInvalid", { name: name === "" ? filename : name });
  }
  return name;
}

function segmentsBelowRoot(path: string): string[] {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  return segments[0] === "mnt" && segments[1] === "data" ? segments.slice(2) : segments;
}

function checkedDirectory(segments: string[]): string {
  const directory = segments.join("/");
  if (segments.some((segment) => !DIRECTORY.test(segment))) {
    throw new ServiceError("filePathInvalid", { path: directory });
  }
  return directory;
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
