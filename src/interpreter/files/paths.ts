import { posix } from "node:path";
import { FileError } from "./errors.js";

/** Directories allowed below the data directory: five segments counted with `/mnt/data` (byoc 3.6). */
const MAX_DEPTH = 3;
const MAX_SEGMENT_BYTES = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the rule forbids
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Rules for turning what a client wrote into a place on disk. */
export interface PathRules {
  /** Absolute path of the data directory, as clients and code know it. */
  root: string;
  /** Absolute path of the data directory where this process finds it; default `root`. */
  folder?: string;
  /** Absolute paths outside of the data directory are allowed (`enableFullPathAccess`). */
  fullAccess: boolean;
}

/** A checked place: the directories to walk, from `base` on. */
export interface Place {
  base: string;
  segments: string[];
}

/** The data directory as this process finds it. */
export function folderOf({ root, folder = root }: PathRules): string {
  return folder;
}

/** Absolute path of a place. */
export function pathOf(place: Place): string {
  return posix.join(place.base, ...place.segments);
}

/** Place of an entry in a directory. */
export function child(place: Place, ...names: string[]): Place {
  return { base: place.base, segments: [...place.segments, ...names] };
}

/**
 * The directory that a `path` query means. Absent, empty, `/` and the data directory itself, with or without
 * its leading slash, all mean the data directory (byoc 3.6).
 *
 * @throws FileError for traversal, forbidden characters or too much depth
 */
export function directoryOf(path: string | undefined, rules: PathRules): Place {
  const segments = segmentsOf(path ?? "");
  const root = segmentsOf(rules.root);
  const insideRoot = root.length > 0 && root.every((segment, index) => segments[index] === segment);
  const outside = rules.fullAccess && path?.startsWith("/") === true && segments.length > 0 && !insideRoot;
  if (outside) return { base: "/", segments };
  const below = insideRoot ? segments.slice(root.length) : segments;
  if (below.length > MAX_DEPTH) {
    throw new FileError("invalid", `directory depth should not exceed '${MAX_DEPTH + 2}'`);
  }
  return { base: folderOf(rules), segments: below };
}

/**
 * The file that a name means, which may carry directories of its own, below a `path` query.
 *
 * @throws FileError as `directoryOf`, and for a name that is none
 */
export function fileOf(path: string | undefined, name: string, rules: PathRules): Place {
  const parent = posix.dirname(`/${name.replace(/^\/+/, "")}`).slice(1);
  const isAbsolute = name.startsWith("/") && parent !== "";
  const directory = isAbsolute
    ? directoryOf(`/${parent}`, rules)
    : directoryOf([path ?? "", parent].filter((part) => part !== "").join("/"), rules);
  return child(directory, fileName(posix.basename(name)));
}

/**
 * Checks a bare file name.
 *
 * @throws FileError for a name that is empty, too long, or means something else than a file
 */
export function fileName(name: string): string {
  if (name === "" || name === "." || name === ".." || name.includes("/")) {
    throw new FileError("invalid", `'${name}' is not a file name`);
  }
  return checkedSegment(name);
}

function segmentsOf(path: string): string[] {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) throw new FileError("invalid", "the path must not contain '..'");
  return segments.map(checkedSegment);
}

function checkedSegment(segment: string): string {
  if (CONTROL.test(segment)) throw new FileError("invalid", "names must not contain control characters");
  if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
    throw new FileError("invalid", `names must not be longer than ${MAX_SEGMENT_BYTES} bytes`);
  }
  return segment;
}
