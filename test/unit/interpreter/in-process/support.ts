import { mkdir, mkdtemp, rm } from "node:fs/promises";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { bundleProgram } from "../../../../scripts/lib/build.mjs";
import { startEmbedded } from "../../../../src/interpreter/in-process/embedded-interpreter.js";
import type { EmbeddedOrder } from "../../../../src/interpreter/in-process/order.js";
import { createLog } from "../../../../src/interpreter/log.js";

export const pyodideFolder = dirname(createRequire(import.meta.url).resolve("pyodide/package.json"));

const PROGRAMS = {
  "embedded.mjs": "src/interpreter/embedded.ts",
  "python-kernel.mjs": "src/interpreter/in-process/python/worker.ts",
  "make-snapshot.mjs": "src/interpreter/in-process/python/make-snapshot.ts",
};

/** Bundles programs of the sources as they are now into a folder. */
export async function bundle(folder: string, ...names: (keyof typeof PROGRAMS)[]): Promise<void> {
  for (const name of names) await bundleProgram(PROGRAMS[name], join(folder, name));
}

/** An answer of the interpreter. */
export interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: tests say what they expect of it
  json: any;
}

/** A request to an interpreter on a unix socket. */
export function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const isRaw = Buffer.isBuffer(body);
    const type = isRaw ? {} : { "content-type": "application/json" };
    const request = http.request(
      { socketPath, method, path, headers: { ...type, ...headers } },
      (response) => {
        const pieces: Buffer[] = [];
        response.on("data", (piece: Buffer) => pieces.push(piece));
        response.once("error", reject);
        response.once("end", () => {
          const whole = Buffer.concat(pieces);
          const isJson = whole.length > 0 && response.headers["content-type"]?.includes("json");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            json: isJson ? JSON.parse(whole.toString("utf8")) : undefined,
          });
        });
      },
    );
    request.once("error", reject);
    request.end(isRaw || body === undefined ? body : JSON.stringify(body));
  });
}

/** What a run left behind. */
export interface Ran {
  status: string;
  stdout: string;
  stderr: string;
  value: unknown;
  /** Name and text of the error; empty when there was none. */
  error: string;
  message: string;
  milliseconds: number;
}

/** A session's interpreter with its Python in a thread of this process. */
export interface EmbeddedSession {
  /** The session's own folder on the host. */
  folder: string;
  socketPath: string;
  /** Lines of its log. */
  lines: string[];
  ask(method: string, path: string, body?: unknown, headers?: http.OutgoingHttpHeaders): Promise<Answer>;
  run(code: string, more?: Record<string, unknown>): Promise<Ran>;
  close(): Promise<void>;
}

/** Starts one from the sources as they are now. */
export async function embedded(more: Partial<EmbeddedOrder> = {}): Promise<EmbeddedSession> {
  const base = await mkdtemp(join(tmpdir(), "embedded-"));
  const folder = join(base, "session");
  await mkdir(folder);
  await bundle(base, "python-kernel.mjs");
  const socketPath = join(base, "i.sock");
  const lines: string[] = [];
  const order: EmbeddedOrder = {
    socketPath,
    kernel: "python",
    folder,
    memoryBytes: 256 * 1024 * 1024,
    pyodideFolder,
    ...more,
  };
  const log = createLog({ write: (line) => lines.push(line) });
  const interpreter = await startEmbedded({ order, program: join(base, "python-kernel.mjs"), log });
  const session = (...request: [string, string, unknown?, http.OutgoingHttpHeaders?]) =>
    ask(socketPath, ...request);
  return {
    folder,
    socketPath,
    lines,
    ask: session,
    run: (code, options) => runOn(socketPath, code, options),
    close: async () => {
      await interpreter.close();
      await rm(base, { recursive: true, force: true });
    },
  };
}

/** Runs code on the interpreter behind a socket. */
export async function runOn(
  socketPath: string,
  code: string,
  more: Record<string, unknown> = {},
): Promise<Ran> {
  const path = "/executions?api-version=2025-10-02-preview";
  const { json } = await ask(socketPath, "POST", path, { code, ...more });
  return ranOf(json);
}

/** A run as the API tells of it. */
// biome-ignore lint/suspicious/noExplicitAny: the answer's shape is the API's
export function ranOf(json: any): Ran {
  return {
    status: json.status,
    stdout: json.result.stdout,
    stderr: json.result.stderr,
    value: json.result.executionResult,
    error: json.rawResult.error_name,
    message: json.rawResult.error_message,
    milliseconds: json.result.executionTimeInMilliseconds,
  };
}
