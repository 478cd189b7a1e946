import fs from "node:fs";
import { resolve, sep } from "node:path";

/** The file functions of Node that the WebAssembly Python uses for a mounted folder. */
export type HostFiles = Readonly<Record<string, unknown>>;

/** Folders of the host that Python may touch. */
export interface HostFolders {
  /** To read and to change. */
  own: readonly string[];
  /** To read. */
  readable: readonly string[];
}

/** By path, which is their first argument. */
const READING = ["lstatSync", "readdirSync", "readlinkSync", "statfsSync"] as const;
const CHANGING = [
  "chmodSync",
  "mkdirSync",
  "rmdirSync",
  "truncateSync",
  "unlinkSync",
  "utimesSync",
  "writeFileSync",
] as const;
/** By a descriptor that was opened here. */
const BY_DESCRIPTOR = [
  "fchmodSync",
  "fstatSync",
  "fsyncSync",
  "ftruncateSync",
  "futimesSync",
  "readSync",
  "writeSync",
] as const;

const {
  O_ACCMODE = 3,
  O_CREAT,
  O_NOFOLLOW,
  O_RDONLY,
} = fs.constants as typeof fs.constants & {
  O_ACCMODE?: number;
};

type Call = (...parameters: unknown[]) => unknown;

/**
 * Node's file functions for a few folders of the host and nothing else. Python looks at paths of its own only, and
 * resolves links itself; this is the second lock on the same door. Links cannot be made: the interpreter's file API,
 * and whoever looks at the folder from outside, would follow them to places of the host.
 */
export function hostFiles({ own, readable }: HostFolders): HostFiles {
  const mayChange = within(own);
  const mayRead = within([...own, ...readable]);
  const opened = new Set<number>();
  const held = (descriptor: unknown): number => {
    if (typeof descriptor === "number" && opened.has(descriptor)) return descriptor;
    throw failure("EBADF");
  };
  const real = fs as unknown as Record<string, Call>;
  const files: Record<string, unknown> = { constants: fs.constants };
  const guard = (names: readonly string[], check: (first: unknown) => unknown) => {
    for (const name of names)
      files[name] = (first: unknown, ...more: unknown[]) => real[name]?.(check(first), ...more);
  };
  guard(READING, mayRead);
  guard(CHANGING, mayChange);
  guard(BY_DESCRIPTOR, held);
  files.renameSync = (from: unknown, to: unknown) => fs.renameSync(mayChange(from), mayChange(to));
  files.openSync = (path: unknown, flags: number, mode?: number) => {
    const isReading = (flags & O_ACCMODE) === O_RDONLY && (flags & O_CREAT) === 0;
    const descriptor = fs.openSync((isReading ? mayRead : mayChange)(path), flags | O_NOFOLLOW, mode);
    opened.add(descriptor);
    return descriptor;
  };
  files.closeSync = (descriptor: unknown) => {
    fs.closeSync(held(descriptor));
    opened.delete(descriptor as number);
  };
  files.symlinkSync = () => {
    throw failure("EPERM");
  };
  return Object.freeze(files);
}

/** Checks that a path lies in one of the folders. */
function within(folders: readonly string[]): (path: unknown) => string {
  const roots = folders.map((folder) => resolve(folder));
  return (path) => {
    const whole = typeof path === "string" ? resolve(path) : "";
    if (roots.some((root) => whole === root || whole.startsWith(root + sep))) return whole;
    throw failure("EACCES");
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}
