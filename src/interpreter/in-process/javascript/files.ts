import fs from "node:fs";
import type { Places } from "./places.js";

type AnyFunction = (...args: unknown[]) => unknown;

/** Functions of `fs` whose first argument is a path, without `Sync`. */
const ONE_PATH = new Set(
  (
    "access appendFile chmod chown createReadStream createWriteStream exists lchmod lchown lstat lutimes mkdir " +
    "mkdtemp open openAsBlob opendir readFile readdir readlink realpath rm rmdir stat statfs truncate unlink " +
    "unwatchFile utimes watch watchFile writeFile"
  ).split(" "),
);
/** Those with two. */
const TWO_PATHS = new Set(["copyFile", "cp", "link", "rename"]);
/** A link could lead out of the session's folders. */
const SHUT = new Set(["symlink", "glob", "_toUnixTimestamp"]);
/** Their answer is a path, or holds some. */
const ANSWERS_PATHS = new Set(["mkdtemp", "mkdir", "readlink", "realpath", "readdir"]);

/** `fs` and `fs/promises` as the user's code has them: the session's folders, and nothing else of the machine. */
export function sessionFiles(places: Places): { fs: object; promises: object } {
  const promises = wrapped(fs.promises, places);
  return { fs: { ...wrapped(fs, places), promises }, promises };
}

function wrapped(module: object, places: Places): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(module)) {
    if (name === "promises") continue;
    result[name] =
      typeof member === "function" ? wrappedFunction(name, member as AnyFunction, places) : member;
  }
  const { realpath, realpathSync } = result as Record<string, AnyFunction | undefined>;
  if (realpath) Object.assign(realpath, { native: realpath });
  if (realpathSync) Object.assign(realpathSync, { native: realpathSync });
  return result;
}

function wrappedFunction(fullName: string, original: AnyFunction, places: Places): AnyFunction {
  const isSync = fullName.endsWith("Sync");
  const name = isSync ? fullName.slice(0, -"Sync".length) : fullName;
  if (SHUT.has(name)) return shut(fullName);
  const paths = ONE_PATH.has(name) ? 1 : TWO_PATHS.has(name) ? 2 : 0;
  // Classes (Stats, ReadStream, …) and functions of file descriptors.
  if (paths === 0) return /^[A-Z].*Stream$/.test(name) ? shut(fullName) : original;
  const answer = (value: unknown) => (ANSWERS_PATHS.has(name) ? seenAnswer(value, places) : value);
  return Object.defineProperty(
    (...args: unknown[]) => {
      const callback = isSync ? undefined : args.at(-1);
      const given = [...args];
      try {
        for (let index = 0; index < paths; index += 1) given[index] = places.real(args[index], name);
        if (typeof callback === "function" && !/^(un)?watch/.test(name)) {
          given[given.length - 1] = (error: unknown, ...values: unknown[]) => {
            if (name === "exists") return callback(error);
            if (error) return callback(seenError(error, places));
            return callback(error, ...values.map(answer));
          };
        }
        const result = original(...given);
        if (!(result instanceof Promise)) return answer(result);
        return result.then(answer, (error: unknown) => Promise.reject(seenError(error, places)));
      } catch (error) {
        return failed(seenError(error, places), { name, isSync, callback, original });
      }
    },
    "name",
    { value: fullName },
  );
}

/** A failure in the way that the function tells of failures. */
function failed(
  error: unknown,
  {
    name,
    isSync,
    callback,
    original,
  }: { name: string; isSync: boolean; callback: unknown; original: AnyFunction },
): unknown {
  if (name === "exists") {
    if (typeof callback !== "function") return false;
    queueMicrotask(() => callback(false));
    return undefined;
  }
  if (isSync || (error as { code?: string }).code !== "ENOENT") throw error;
  if (typeof callback === "function") return queueMicrotask(() => callback(error));
  if (Object.values(fs.promises).includes(original as never)) return Promise.reject(error);
  throw error;
}

function shut(name: string): AnyFunction {
  return Object.defineProperty(
    () => {
      const error = new Error(`EPERM: operation not permitted, ${name}`);
      throw Object.assign(error, { code: "EPERM", errno: -1, syscall: name });
    },
    "name",
    { value: name },
  );
}

function seenAnswer(value: unknown, places: Places): unknown {
  if (typeof value === "string") return places.seen(value);
  if (Array.isArray(value)) {
    for (const entry of value as { parentPath?: string; path?: string }[]) {
      if (typeof entry !== "object" || entry === null) continue;
      if (typeof entry.parentPath === "string") entry.parentPath = places.seen(entry.parentPath);
      if (typeof entry.path === "string") entry.path = places.seen(entry.path);
    }
  }
  return value;
}

function seenError(error: unknown, places: Places): unknown {
  if (!(error instanceof Error)) return error;
  const own = error as Error & { path?: unknown; dest?: unknown; resource?: unknown };
  for (const key of ["message", "stack", "path", "dest", "resource"] as const) {
    const text = own[key];
    if (typeof text === "string") own[key] = places.seen(text);
  }
  return error;
}
