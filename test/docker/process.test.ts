import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { LABEL } from "../../src/runtime/docker/labels.js";
import { WEB_IMAGE, WEB_PORT } from "./support/images.js";

/** The command as it is installed; `npm test` builds it first. */
const PROGRAM = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const folders: string[] = [];

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

interface Run {
  process: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  exited: Promise<number | null>;
}

async function start(options: string[], poolsFile?: string): Promise<Run> {
  const folder = await mkdtemp(path.join(tmpdir(), "dse-process-"));
  folders.push(folder);
  if (poolsFile) await writeFile(path.join(folder, "pools.yaml"), poolsFile);
  const process = spawn("node", [PROGRAM, "start", "--port", "0", "--log-format", "json", ...options], {
    cwd: folder,
  });
  let output = "";
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const exited = once(process, "exit").then(([code]) => code as number | null);
  return { process, output: () => output, exited };
}

/** The alias of a pool, read from the banner. */
async function aliasOf(run: Run, pool: string): Promise<string> {
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    const alias = new RegExp(`http://localhost:\\d+/pools/${pool}\\b`).exec(run.output())?.[0];
    if (alias) return alias;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no banner: ${run.output()}`);
}

async function containersOf(pool: string): Promise<number> {
  const { docker } = await findEngine();
  return (await docker.listContainers({ all: true, filters: { label: [`${LABEL.pool}=${pool}`] } })).length;
}

const onePool = (name: string) =>
  `pools:\n  - { name: ${name}, containerType: CustomContainer, image: ${WEB_IMAGE}, targetPort: ${WEB_PORT}, readySessionInstances: 0 }\n`;

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  it("ends the emulator with code 0 and leaves nothing behind", async () => {
    const pool = signal.toLowerCase();
    const run = await start([], onePool(pool));
    const alias = await aliasOf(run, pool);
    for (const identifier of ["user-one", "user-two"]) {
      expect((await fetch(`${alias}/visits?identifier=${identifier}`)).status).toBe(200);
    }
    expect(await containersOf(pool)).toBe(4);
    run.process.kill(signal);
    expect(await run.exited).toBe(0);
    expect(await containersOf(pool)).toBe(0);
  });

  it("ends also while a session is still starting", async () => {
    const pool = `early-${signal.toLowerCase()}`;
    const run = await start(["--image", WEB_IMAGE, "--target-port", "9"], onePool(pool));
    await expect.poll(() => containersOf("custom"), { timeout: 60_000 }).toBeGreaterThan(0);
    run.process.kill(signal);
    expect(await run.exited).toBe(0);
    expect(await containersOf("custom")).toBe(0);
    expect(await containersOf(pool)).toBe(0);
  });
});

describe("a start that cannot work", () => {
  it.each([
    [
      "an image that does not exist",
      ["--image", "dse-test/absent:none", "--target-port", "80"],
      1,
      /--image/,
    ],
    [
      "a port where nobody listens",
      ["--image", WEB_IMAGE, "--target-port", "9999", "--startup-timeout-seconds", "8"],
      1,
      /listens on 8080; set targetPort \(--target-port\)/,
    ],
    ["a pools file with a wrong key", [], 2, /pools\.yaml:1:\d+: pools\[0\]\.containerTyp/],
    ["a port that is no port", ["--port", "many"], 2, /--port/],
  ])("%s: says so in one line and leaves nothing", async (name, options, code, message) => {
    const wrongFile = name.includes("file")
      ? "pools: [{ name: demo, containerTyp: PythonLTS }]\n"
      : undefined;
    const run = await start(options, wrongFile ?? onePool("unused"));
    expect(await run.exited).toBe(code);
    expect(run.output()).toMatch(message);
    expect(run.output()).not.toMatch(/^\s+at /m);
    expect(await containersOf("custom")).toBe(0);
    expect(await containersOf("unused")).toBe(0);
  });
});
