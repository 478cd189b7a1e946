import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { WEB_IMAGE, WEB_PORT } from "./images.js";

/** The command as it is installed; `npm test` builds it first. */
const PROGRAM = fileURLToPath(new URL("../../../dist/cli/main.js", import.meta.url));
const folders: string[] = [];
const running = new Set<ChildProcess>();

/** A test that fails in its middle leaves its emulator to nobody. */
afterAll(async () => {
  await Promise.all(
    [...running].map(async (child) => {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    }),
  );
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** A folder of this test file's own. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "dse-process-"));
  folders.push(folder);
  return folder;
}

export interface Run {
  process: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  exited: Promise<number | null>;
}

/** Starts the emulator as a process of its own, on a free port. */
export async function start(options: string[], poolsFile?: string): Promise<Run> {
  const folder = await newFolder();
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
  running.add(process);
  const exited = once(process, "exit").then(([code]) => {
    running.delete(process);
    return code as number | null;
  });
  return { process, output: () => output, exited };
}

/** The alias of a pool, read from the banner. */
export async function aliasOf(run: Run, pool: string): Promise<string> {
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    const alias = new RegExp(`http://localhost:\\d+/pools/${pool}\\b`).exec(run.output())?.[0];
    if (alias) return alias;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no banner: ${run.output()}`);
}

/** A pool's name that no other test uses, whatever runs at the same time. */
export function newPool(): string {
  return `pool-${randomBytes(4).toString("hex")}`;
}

/** How many containers a pool has, relays included. */
export async function containersOf(pool: string): Promise<number> {
  const { docker } = await findEngine();
  // By name: a relay that was made before it had a session has no label of a pool.
  const name = [`^/dse-${pool}-[0-9a-f]{8}(-relay)?$`];
  return (await docker.listContainers({ all: true, filters: { name } })).length;
}

/** A pools file with one pool of the web fixture. */
export function onePool(name: string, more = ""): string {
  const properties = `containerType: CustomContainer, image: ${WEB_IMAGE}, targetPort: ${WEB_PORT}`;
  return `pools:\n  - { name: ${name}, ${properties}, readySessionInstances: 0${more} }\n`;
}
