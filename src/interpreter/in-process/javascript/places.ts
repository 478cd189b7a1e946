import { mkdirSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

/** What the user's code sees. */
export const DATA = "/mnt/data";
export const HOME = "/home/ubuntu";
export const TEMPORARY = "/tmp";

/** Thrown for a place that does not exist for the user's code. */
export class NoSuchPlaceError extends Error {
  readonly code = "ENOENT";
  readonly errno = -2;
  constructor(
    readonly syscall: string,
    readonly path: string,
  ) {
    super(`ENOENT: no such file or directory, ${syscall} '${path}'`);
  }
}

/** The session's folders, by the names that the user's code knows them by. Only a translation, no fence. */
export class Places {
  private readonly pairs: readonly (readonly [seen: string, real: string])[];

  constructor({ dataFolder, homeFolder }: { dataFolder: string; homeFolder: string }) {
    const temporary = join(homeFolder, ".tmp");
    mkdirSync(temporary, { recursive: true });
    this.pairs = [
      [DATA, dataFolder],
      [TEMPORARY, temporary],
      [HOME, homeFolder],
    ];
  }

  /**
   * Where a path leads; file descriptors stay what they are.
   * @throws NoSuchPlaceError outside of the session's folders
   */
  real(path: unknown, syscall: string): unknown {
    if (typeof path === "number") return path;
    if (!(typeof path === "string" || path instanceof Uint8Array || path instanceof URL)) return path;
    const text = path instanceof URL ? fileURLToPath(path) : typeof path === "string" ? path : decoded(path);
    const absolute = posix.resolve(DATA, text);
    for (const [seen, real] of this.pairs) {
      if (absolute === seen) return real;
      if (absolute.startsWith(`${seen}/`)) return real + absolute.slice(seen.length);
    }
    throw new NoSuchPlaceError(syscall, text);
  }

  /** A text with the names that the user's code knows. */
  seen(text: string): string {
    return this.pairs.reduce((result, [seen, real]) => result.replaceAll(real, seen), text);
  }
}

function decoded(path: Uint8Array): string {
  return Buffer.from(path.buffer, path.byteOffset, path.byteLength).toString();
}
