import { beforeAll } from "vitest";
import type { PoolInput } from "../../../src/index.js";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { execInContainer } from "../../../src/runtime/docker/logs.js";
import { dockerEngine } from "../images/support.js";
import { emulatorForTests, newIdentifier, sessionsOf } from "../support/emulator.js";

/** A built image whose interpreter is tested. */
export type InterpreterImage = "python" | "r" | "node";

/** An execution as the interpreter answers it. */
export interface Execution {
  id: string;
  status: string;
  result: {
    stdout: string;
    stderr: string;
    executionResult: unknown;
    executionTimeInMilliseconds: number;
  };
  rawResult: { error_name: string; error_message: string; hresult: number };
}

/** One session, reached the way a client reaches it: through a custom container pool. */
export interface InterpreterSession {
  /** Runs code to its end. */
  run(code: string, body?: Record<string, unknown>): Promise<Execution>;
  /** Any request; `path` starts with a slash. */
  request(path: string, init?: RequestInit): Promise<Response>;
  /** Runs a shell script in the session's container, as root, and gives what it printed. */
  inContainer(script: string): Promise<string>;
  /** Calls the Jupyter server behind the interpreter's back; gives the status and the body. */
  jupyter(method: string, path: string): Promise<string>;
  /** Waits until the kernel has got as far as creating this file. */
  reached(file: string): Promise<void>;
}

const PORT = 6000;

/** Brings the image up to date and gives sessions of it. Call at the top of a test file. */
export function interpreterForTests(
  image: InterpreterImage,
  properties: Partial<PoolInput> = {},
): { session(): InterpreterSession } {
  beforeAll(async () => {
    await buildImages(await dockerEngine(), [image]);
  }, 900_000);
  const pool: PoolInput = {
    name: "byoc",
    containerType: "CustomContainer",
    image: imageReference(image),
    targetPort: PORT,
    maxConcurrentSessions: 20,
    ...properties,
  };
  const emulator = emulatorForTests({ pools: [pool] });
  return { session: () => sessionOf(emulator, newIdentifier()) };
}

function sessionOf(emulator: { url: string }, identifier: string): InterpreterSession {
  const request = (path: string, init?: RequestInit) => {
    const url = new URL(`${emulator.url}/pools/byoc${path}`);
    url.searchParams.set("identifier", identifier);
    url.searchParams.set("api-version", "2025-10-02-preview");
    return fetch(url, init);
  };
  const inContainer = async (script: string) => {
    const all = await sessionsOf(emulator, "byoc");
    const container = all.find((one) => one.identifier === identifier)?.container;
    if (container === undefined) throw new Error("the session has no container");
    return execInContainer(await dockerEngine(), container, ["bash", "-c", script]);
  };
  return {
    request,
    inContainer,
    run: async (code, body = {}) => {
      const answer = await request("/executions", {
        method: "POST",
        body: JSON.stringify({ code, ...body }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${answer.status}: ${text.slice(0, 300)}`);
      return JSON.parse(text) as Execution;
    },
    jupyter: (method, path) => inContainer(jupyterCall(method, path)),
    reached: async (file) => {
      const found = await inContainer(
        `for i in $(seq 600); do [ -e ${file} ] && echo yes && break; sleep 0.05; done`,
      );
      if (found.trim() !== "yes") throw new Error(`the kernel never created ${file}`);
    },
  };
}

/** The server's token is in the environment of the interpreter; `node` reads it and makes the call. */
function jupyterCall(method: string, path: string): string {
  const program = `
    const { readFileSync } = require("fs");
    const [pid] = process.argv.slice(1);
    const token = /JUPYTER_TOKEN=([^\\0]+)/.exec(readFileSync("/proc/" + pid + "/environ", "utf8"))[1];
    const call = (method, path, done) => require("http").request({
      socketPath: "/run/jupyter/jupyter.sock", method, path, headers: { authorization: "token " + token },
    }, (res) => { let body = ""; res.on("data", (d) => body += d); res.on("end", () => done(res.statusCode, body)); }).end();
    call("GET", "/api/kernels", (_, kernels) =>
      call("${method}", "${path}".replace("{kernel}", JSON.parse(kernels)[0]?.id), (status, body) => console.log(status, body)));`;
  return `node -e '${program.replace(/'/g, `'\\''`)}' $(pgrep -x node | head -1)`;
}

/** Kills every kernel process of a Python session with `signal`. */
export function killKernel(session: InterpreterSession, signal = "KILL"): Promise<string> {
  return session.inContainer(`pkill -${signal} -f ipykernel_launcher`);
}
