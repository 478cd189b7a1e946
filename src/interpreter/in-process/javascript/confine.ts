import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";

/** Globals of Node that stay. Whatever a later Node adds is shut until it is written here. */
const KEPT = new Set(
  (
    "AbortController AbortSignal Blob Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto " +
    "CryptoKey CustomEvent DOMException DecompressionStream Event EventTarget File FormData Headers Navigator " +
    "Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver " +
    "PerformanceObserverEntryList PerformanceResourceTiming ReadableByteStreamController ReadableStream " +
    "ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController " +
    "ReadableStreamDefaultReader SubtleCrypto TextDecoder TextDecoderStream TextEncoder TextEncoderStream " +
    "TransformStream TransformStreamDefaultController URL URLSearchParams WritableStream " +
    "WritableStreamDefaultController WritableStreamDefaultWriter WebAssembly atob btoa clearImmediate clearInterval " +
    "clearTimeout crypto global navigator performance queueMicrotask setImmediate setInterval setTimeout " +
    "structuredClone"
  ).split(" "),
);
/** Of the language itself (ECMA-262 and what V8 adds); these are not Node's to give or take. */
const LANGUAGE = new Set(
  (
    "AggregateError Array ArrayBuffer AsyncDisposableStack AsyncFunction Atomics BigInt BigInt64Array BigUint64Array " +
    "Boolean DataView Date DisposableStack Error EvalError FinalizationRegistry Float16Array Float32Array " +
    "Float64Array Function Infinity Int16Array Int32Array Int8Array Intl Iterator JSON Map Math NaN Number Object " +
    "Promise Proxy RangeError ReferenceError Reflect RegExp Set SharedArrayBuffer String SuppressedError Symbol " +
    "SyntaxError Temporal TypeError URIError Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef " +
    "WeakSet console decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval globalThis isFinite isNaN " +
    "parseFloat parseInt undefined unescape"
  ).split(" "),
);
/** What Node's own code still calls of `process` at run time; `exit` ends this thread only. */
const KEPT_OF_PROCESS = new Set(
  (
    "_events _eventsCount _exiting _fatalException _maxListeners _rawDebug _tickCallback addListener arch argv config cwd domain emit " +
    "emitWarning env eventNames execArgv execPath exit exitCode features getMaxListeners hrtime listenerCount listeners " +
    "memoryUsage nextTick off on once pid platform prependListener reallyExit release removeAllListeners removeListener " +
    "setMaxListeners setUncaughtExceptionCaptureCallback hasUncaughtExceptionCaptureCallback stderr stdin stdout " +
    "throwDeprecation title traceDeprecation noDeprecation uptime version versions constructor"
  ).split(" "),
);

/**
 * Takes everything from this thread that reaches out of it. What is left to the user's code is a realm in which there
 * is nothing to escape to: whoever gets hold of one of Node's objects finds the same shut doors.
 * @param given globals of the session's own: `console`, `process`, `require`, …
 */
export function confineThread(given: Readonly<Record<string, unknown>>): void {
  shutNetwork();
  stripProcess();
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (!KEPT.has(name) && !LANGUAGE.has(name)) Reflect.deleteProperty(globalThis, name);
  }
  for (const [name, value] of Object.entries(given)) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
}

/** Nothing here needs the network; so it is shut for those, too, who come by these objects in some other way. */
function shutNetwork(): void {
  for (const place of [net.Socket.prototype, net.Server.prototype, dgram.Socket.prototype]) {
    shutFunctions(place, ["connect", "listen", "bind", "send", "_listen2"]);
  }
  shutFunctions(net, Object.keys(net));
  shutFunctions(dgram, Object.keys(dgram));
  shutFunctions(dns, Object.keys(dns));
  shutFunctions(dns.promises, Object.keys(dns.promises));
}

function shutFunctions(target: object, names: readonly string[]): void {
  for (const name of names) {
    const descriptor = Object.getOwnPropertyDescriptor(target, name);
    if (typeof descriptor?.value !== "function" || !descriptor.configurable) continue;
    Object.defineProperty(target, name, {
      ...descriptor,
      value: () => refuse(name),
      writable: false,
      configurable: false,
    });
  }
}

function refuse(name: string): never {
  throw Object.assign(new Error(`${name}: a session has no network`), { code: "EACCES" });
}

function stripProcess(): void {
  for (
    let level: object | null = process;
    level && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (!KEPT_OF_PROCESS.has(name)) Reflect.deleteProperty(level, name);
    }
  }
}
