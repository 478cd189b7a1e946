import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nodeBytes } from "../../../src/runtime/embedded/node-bytes.js";
import { findPrograms } from "../../../src/runtime/embedded/programs.js";
import { startReaper } from "../../../src/runtime/embedded/reaper.js";
import { EmbeddedRuntime } from "../../../src/runtime/embedded/runtime.js";
import { plainSeal } from "../../../src/runtime/embedded/seal.js";
import { snapshotCache } from "../../../src/runtime/embedded/snapshot.js";
import type { Instance, InstanceSpec } from "../../../src/runtime/runtime.js";
import { startListener } from "./outside.js";

/** Without the kernel's namespaces, as on systems that have none: Node's permission model and shut doors alone. */
let folder = "";
let runtime: EmbeddedRuntime;
let outside: { port: number; heard: () => number; close: () => void };
const sessions = new Map<string, Instance>();

beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(os.tmpdir(), "dse-plain-")));
  await writeFile(path.join(folder, "secret.txt"), "a secret of the machine");
  outside = await startListener();
  runtime = new EmbeddedRuntime({
    stateDir: folder,
    startupTimeoutMs: 60_000,
    programs: await findPrograms(),
    seal: plainSeal("for this test none"),
    reaper: startReaper([path.join(folder, "s")]),
    nodeBytes: await nodeBytes(),
    snapshotCache: snapshotCache(),
  });
  for (const kind of ["python", "node"]) {
    const spec: InstanceSpec = {
      ...{
        pool: kind,
        image: `dynamic-sessions/${kind}:latest`,
        env: {},
        targetPort: 6000,
        cpu: 1,
        egress: false,
      },
      ...{ memoryBytes: 2 ** 30, diskBytes: 2 ** 30, probes: [] },
    };
    const { signal } = new AbortController();
    await runtime.prepare(spec, () => undefined, signal);
    sessions.set(kind, await runtime.create(spec, {}, signal));
  }
}, 120_000);
afterAll(async () => {
  await runtime.close();
  outside.close();
  await rm(folder, { recursive: true, force: true });
});

/** Everything that the interpreter says of a run. */
async function said(kind: string, code: string): Promise<string> {
  const agent = sessions.get(kind)?.endpoint.agent;
  const properties = { codeInputType: "inline", executionType: "synchronous", code };
  const headers = { "content-type": "application/json" };
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    const path = "/executions?api-version=2024-02-02-preview";
    const request = http.request({ agent, path, method: "POST", headers }, resolve).once("error", reject);
    request.end(JSON.stringify({ properties, code }));
  });
  return text(response);
}

it("runs code", async () => {
  expect(await said("python", "print('GOT', 6 * 7)")).toMatch(/GOT 42/);
  expect(await said("node", "console.log('GOT', 6 * 7)")).toMatch(/GOT 42/);
});

it.each(["/etc/passwd", "secret.txt"])("does not read %s", async (name) => {
  const file = path.resolve(folder, name);
  for (const answer of [
    await said("node", `require('fs').readFileSync('${file}', 'utf8')`),
    await said(
      "node",
      `const url = require('url'); url.fileURLToPath = () => '${file}'; require('fs').readFileSync(new URL('file:///x'), 'utf8')`,
    ),
    await said("python", `open('${file}').read()`),
    await said("python", `import pathlib; pathlib.Path('/mnt/data/../../../../../..${file}').read_text()`),
  ]) {
    expect(answer).not.toMatch(/a secret of the machine|root:x:/);
    expect(answer).toMatch(/ENOENT|EACCES|FileNotFoundError|PermissionError|No such file/);
  }
});

it("reaches no listener", async () => {
  const { port } = outside;
  await said("node", `await fetch('http://127.0.0.1:${port}/')`);
  await said("node", `require('net').connect(${port})`);
  await said(
    "python",
    `import urllib.request; urllib.request.urlopen('http://127.0.0.1:${port}/', timeout=3)`,
  );
  await said("python", `from pyodide.http import pyfetch; await pyfetch('http://127.0.0.1:${port}/')`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(outside.heard()).toBe(0);
});

it("starts no process and signals none", async () => {
  expect(await said("node", "require('child_process')")).toMatch(/Cannot find module/);
  expect(await said("node", `process.kill(${process.pid}, 0)`)).toMatch(/is not a function/);
  expect(await said("python", "import subprocess; subprocess.run(['id'])")).toMatch(/Error/);
});
