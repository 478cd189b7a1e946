import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, type PoolInput, startEmulator } from "../../../src/index.js";
import { play } from "./play.js";
import type { Row } from "./row.js";
import { configured, hanging, snippets } from "./rows/configuration.js";
import { send, type Target } from "./send.js";
import { file2026, V2024_10 } from "./shapes.js";
import { pythonImage } from "./target.js";

const HEAD = "kind: CodeInterpreterConfig\napiVersion: v1\nmetadata: { name: code-interpreter }\n";
/** Counts how often it is run; its value is 4242. */
const PROBE = "globals().__setitem__('checks', globals().get('checks', 0) + 1) or 4000 + 242";

const CONFIGURED = `${HEAD}spec:
  initLibrariesFile: /tmp/init.py
  kernel:
    port: 6000
    name: python3
    isAsynchronousExecutionSupported: true
    runInitScript: true
    kernelInit:
      synchronous: { enabled: true, initCommonLibraries: true }
      synchronousWithEmptyKernel: { enabled: true, initCommonLibraries: false }
      asynchronous: { enabled: true }
  healthProbe:
    endpoint: /alive
    periodSeconds: 0.2
    timeoutSeconds: 10
    failureThreshold: 2
    code: "${PROBE}"
    expectedResult: 4242
    commonLibrariesInitTimeoutSeconds: 60
  codeExecution:
    enableAutoBase64Decoding: true
    defaultTimeoutSeconds: 2
  fileOperation:
    maxUploadFileSizeLimitInMBs: 1
    dataDirectoryPath: /srv/files
    enableFullPathAccess: true
`;

const SNIPPETS = `${HEAD}spec:
  kernel:
    port: 6000
    isAsynchronousExecutionSupported: true
    kernelInit:
      synchronous: { initCommonLibraries: true, initLibrariesFile: /tmp/init.py }
      asynchronous: { enabled: true, initCommonLibraries: true, initLibrariesFile: /no/such/script.py }
  healthProbe: { code: "1+1" }
  codeExecution:
    enableAutoBase64Decoding: false
    synchronousExecution:
      preCodeInjectionSnippet: print('sync pre')
      postCodeInjectionSnippet: print('sync post')
    asynchronousExecution:
      preCodeInjectionSnippet: print('async pre')
      postCodeInjectionSnippet: print('async post')
`;

const HANGING = `${HEAD}spec:
  initLibrariesFile: /tmp/init.py
  kernel: { port: 6000, runInitScript: true, isAsynchronousExecutionSupported: false }
  healthProbe: { code: "1+1", expectedResult: 2, commonLibrariesInitTimeoutSeconds: 1 }
  fileOperation: { maxUploadFileSizeLimitInMBs: 1, unheardOf: true }
`;
const ENDLESS = "import time\nwhile True:\n  try: time.sleep(60)\n  except KeyboardInterrupt: pass";

/** A pool of this project's image with another configuration file and a preload script. */
function configuredPool(name: string, conf: string, script: string): PoolInput {
  const write = 'printf %s "$CONF" > /tmp/conf.yaml && printf %s "$SCRIPT" > /tmp/init.py';
  return {
    name,
    containerType: "CustomContainer",
    image: pythonImage.image,
    targetPort: 6000,
    readySessionInstances: 0,
    command: ["/bin/bash", "-c", `${write} && exec /usr/bin/tini -- /app/entrypoint.sh`],
    env: { CONF: conf, SCRIPT: script, CODE_INTERPRETER_CONFIG_FILE_PATH: "/tmp/conf.yaml" },
  };
}

let emulator: Emulator | undefined;
beforeAll(async () => {
  emulator = await startEmulator({
    port: 0,
    pools: [
      configuredPool("configured", CONFIGURED, "import math\npreloaded = 'yes'\nprint('noise')\n'a value'"),
      configuredPool("hanging", HANGING, ENDLESS),
      configuredPool("snippets", SNIPPETS, "print('before')\nraise RuntimeError('script is broken')"),
    ],
  });
});
afterAll(() => emulator?.close());

const poolTarget = (name: string): Target => ({
  isOurs: true,
  get url() {
    if (!emulator) throw new Error("the emulator is not running yet");
    return `${emulator.url}/pools/${name}`;
  },
});

describe.each<[string, Row[]]>([
  ["configured", configured],
  ["snippets", snippets],
  ["hanging", hanging],
])("%s", (pool, rows) => {
  const identifier = `conf-${randomBytes(6).toString("hex")}`;

  it.each(rows.map((row) => [row.id, row] as const))("%s", async (_id, row) => {
    await play(poolTarget(pool), identifier, row);
  });
});

describe("the health check", () => {
  const target = poolTarget("configured");
  const identifier = `conf-${randomBytes(6).toString("hex")}`;
  const run = async (code: string): Promise<{ status: string; result: { executionResult: unknown } }> => {
    const json = { code, timeoutInSeconds: 30 };
    const { body } = await send(target, identifier, { path: "/executions", query: V2024_10, json });
    return JSON.parse(body.toString());
  };
  const value = async (code: string) => (await run(code)).result.executionResult;
  const health = async () => (await send(target, identifier, { path: "/alive" })).status;

  it("runs while nothing else does", async () => {
    const before = Number(await value("checks"));
    await expect.poll(() => value("checks"), { timeout: 30_000 }).toBeGreaterThan(before + 2);
  });

  it("does not run while user code does", async () => {
    expect(await value("import time\nbefore = checks\ntime.sleep(1.5)\nchecks - before")).toBe(0);
  });

  it("leaves no trace in the session's history", async () => {
    const first = Number(await value("get_ipython().execution_count"));
    await run("'mine'");
    const checks = Number(await value("checks"));
    await expect.poll(() => value("_;checks"), { timeout: 30_000 }).toBeGreaterThan(checks + 2);
    const history = String(
      await value("[line for line in In if '__set' + 'item__' in line], 4000 + 242 in Out.values()"),
    );
    expect(history).toBe("([], False)");
    // Every execution of this test counts, nothing else does.
    const inputs = Number(await value("len(In) - 1 - get_ipython().execution_count"));
    expect(inputs).toBe(0);
    expect(Number(await value("get_ipython().execution_count"))).toBeGreaterThan(first);
    await run("'mine'");
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await value("_")).toBe("mine");
  });

  it("makes the session unhealthy when it fails often enough, until it succeeds again", async () => {
    expect(await health()).toBe(200);
    await run("checks = None");
    await expect.poll(health, { timeout: 30_000 }).toBe(500);
    expect((await run("1")).status).toBe("Succeeded");
    await run("checks = 0");
    await expect.poll(health, { timeout: 30_000 }).toBe(200);
  });
});

it("an upload over the limit leaves nothing, and shows nothing while it goes on", async () => {
  const target = poolTarget("configured");
  const identifier = `conf-${randomBytes(6).toString("hex")}`;
  const list = async () =>
    JSON.parse((await send(target, identifier, { path: "/files", query: "path=big" })).body.toString());
  const small = { path: "/files", query: "path=big", files: [{ name: "small.txt", content: "x" }] };
  expect((await send(target, identifier, small)).status).toBe(200);
  const only = [{ ...file2026({ name: "small.txt", size: 1 }), directory: "big" }];
  const content = "x".repeat(1024 * 1024 + 1);
  const sent = send(target, identifier, {
    path: "/files",
    query: "path=big",
    files: [{ name: "big.bin", content }],
  });
  expect(await list()).toEqual(only);
  const refused = await sent;
  expect(refused.status).toBe(413);
  expect(refused.body.toString()).toContain("1 MB");
  expect(await list()).toEqual(only);
});
