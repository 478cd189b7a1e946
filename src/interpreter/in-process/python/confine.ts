import { randomFillSync } from "node:crypto";
import { constants } from "node:fs";
import module, { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

/** WebAssembly's memory; the compiler's library for Node does not have it. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** `EOPNOTSUPP` of WebAssembly's system interface. */
const NOT_SUPPORTED = 138;
/** Bytes of a page of WebAssembly's memory. */
const PAGE = 65_536;

/**
 * Gives the WebAssembly Python what it needs of Node and nothing else: it finds `process`, `require` and `fetch` of
 * its own making. To be called before it is loaded.
 *
 * @param files what it gets for `node:fs`
 */
export function confineLoading(files: unknown): void {
  const known: Record<string, unknown> = {
    "node:fs": files,
    "node:path": createRequire(import.meta.url)("node:path"),
    "node:tty": { isatty: () => false },
    "node:url": { fileURLToPath, pathToFileURL },
    "node:crypto": { randomFillSync: (view: NodeJS.ArrayBufferView) => randomFillSync(view) },
    // `os.system` ends here, with the status of a command that there is not.
    "node:child_process": { spawnSync: () => ({ status: 127 }) },
  };
  const find = (name: string): unknown => {
    if (Object.hasOwn(known, name)) return known[name];
    // In Emscripten's own terms, so that a program that wants a socket gets an OSError and not a breakdown.
    throw Object.assign(new Error(`there is no ${name} in a session`), {
      name: "ErrnoError",
      errno: NOT_SUPPORTED,
    });
  };
  module.createRequire = (() => find) as unknown as typeof module.createRequire;
  module.syncBuiltinESMExports();
  const { versions, platform, arch, version } = process;
  replace("process", {
    versions: { node: versions.node },
    version,
    platform,
    arch,
    argv: ["python"],
    env: {},
    // Where a mounted folder's open flags come from.
    binding: (name: string) => (name === "constants" ? { fs: constants } : {}),
    getuid: () => 1000,
    umask: () => 0o022,
    on: () => {},
  });
  for (const name of ["fetch", "WebSocket", "EventSource", "XMLHttpRequest", "Worker", "SharedArrayBuffer"]) {
    replace(name, undefined);
  }
}

/**
 * Takes away what JavaScript could be made or reached with, in case code finds a way to it in spite of everything. To
 * be called when Python is loaded.
 */
export function confineRunning(): void {
  const kept = new Set([...LANGUAGE, "process", "TextDecoder", "TextEncoder", "performance", "console"]);
  for (const name of Object.getOwnPropertyNames(globalThis)) if (!kept.has(name)) replace(name, undefined);
  // Names of messages are made from it.
  replace("crypto", {
    getRandomValues: <T extends NodeJS.ArrayBufferView>(view: T): T => randomFillSync(view),
  });
  const refuse = function refuse(): never {
    throw new EvalError("there is no code from strings in a session");
  };
  const kinds = [
    () => {},
    async () => {},
    function* () {
      yield;
    },
    async function* () {
      yield;
    },
  ];
  for (const kind of kinds) {
    const prototype = Object.getPrototypeOf(kind) as object;
    Object.defineProperty(prototype, "constructor", { value: refuse, writable: false, configurable: false });
  }
  replace("Function", refuse);
  replace("eval", refuse);
}

/** Caps what WebAssembly may take: growing beyond is refused, which Python tells as MemoryError. */
export function capMemory(bytes: number): void {
  const most = Math.floor(bytes / PAGE);
  const { prototype } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } })
    .WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function capped(pages: number): number {
    if (this.buffer.byteLength / PAGE + pages > most) throw new RangeError("the session's memory is used up");
    return grow.call(this, pages);
  };
}

function replace(name: string, value: unknown): void {
  try {
    Object.defineProperty(globalThis, name, {
      value,
      writable: false,
      configurable: true,
      enumerable: false,
    });
  } catch {
    // `undefined`, `NaN` and `Infinity` cannot be replaced, and need not be.
  }
}

/** What belongs to the language itself. */
const LANGUAGE = [
  ..."Object Array Number BigInt String Symbol Boolean Date Math JSON RegExp Map Set WeakMap WeakSet WeakRef".split(
    " ",
  ),
  ..."Promise Proxy Reflect Error AggregateError EvalError RangeError ReferenceError SyntaxError".split(" "),
  ..."TypeError URIError ArrayBuffer DataView Atomics FinalizationRegistry WebAssembly Intl Iterator".split(
    " ",
  ),
  ..."Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(" "),
  ..."Float32Array Float64Array BigInt64Array BigUint64Array parseInt parseFloat isNaN isFinite".split(" "),
  ..."decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape globalThis".split(" "),
  ..."undefined NaN Infinity".split(" "),
];
