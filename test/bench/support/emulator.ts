import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";
import type { PoolInput } from "../../../src/index.js";
import { askFor, askUntilReady } from "./http.js";
import type { Program } from "./programs.js";
import type { BenchContext } from "./row.js";

const READY_WITHIN_MS = 180_000;

/** An emulator in a process of its own, as a user runs it. */
export interface EmulatorProcess {
  url: string;
  stateDir: string;
  child: ChildProcess;
  /** From the start of the process to the first 200 of `/_emulator/ready`. */
  readyMs: number;
  stop(): Promise<void>;
}

/** A pool of custom containers that run `program`. */
export function customPool(name: string, program: Program, properties: Record<string, unknown>): PoolInput {
  return { name, containerType: "CustomContainer", cpu: 1, memory: "256Mi", ...program, ...properties };
}

/**
 * Starts the command that a user starts, and waits until it takes requests. Stopped after the row.
 * @param options more of the command line
 */
export async function startEmulator(
  context: BenchContext,
  pools: readonly PoolInput[],
  options: readonly string[] = [],
): Promise<EmulatorProcess> {
  const folder = await mkdtemp(path.join(context.folder, "e-"));
  const stateDir = path.join(folder, "s");
  await mkdir(stateDir);
  // JSON is YAML.
  await writeFile(path.join(folder, "pools.yaml"), JSON.stringify({ pools }));
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [
      path.resolve("dist/cli/main.js"),
      "start",
      "--port",
      "0",
      "--state-dir",
      stateDir,
      "--log-format",
      "json",
      ...options,
    ],
    { cwd: folder, env: { ...process.env, DOCKER_HOST: context.dockerHost } },
  );
  const exited = once(child, "exit");
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
  };
  context.onEnd(stop);
  const url = await addressOf(child);
  await askUntilReady({ url: `${url}/_emulator/ready` }, { everyMs: 2, timeoutMs: READY_WITHIN_MS });
  return { url, stateDir, child, readyMs: performance.now() - startedAt, stop };
}

/** Reads the address from what the command prints, and the rest away. */
function addressOf(child: ChildProcess): Promise<string> {
  let output = "";
  return new Promise((resolve, reject) => {
    const onData = (piece: Buffer) => {
      output = (output + piece).slice(-20_000);
      const url = /emulator \S+ at (http:\/\/\S+)/.exec(output)?.[1];
      if (url) resolve(url);
    };
    child.stdout?.on("data", onData);
    child.stderr?.on("data", onData);
    child.once("exit", (code) => reject(new Error(`the emulator ended with code ${code}: ${output}`)));
    child.once("error", reject);
  });
}

export function newIdentifier(): string {
  return `bench-${randomBytes(8).toString("hex")}`;
}

/** Where requests of an identifier go. */
export function sessionUrl(emulator: EmulatorProcess, pool: string, identifier: string, route = "/"): string {
  return `${emulator.url}/pools/${pool}${route}?identifier=${identifier}`;
}

/** Ends a session and waits until everything of it is gone. */
export async function stopSession(
  emulator: EmulatorProcess,
  pool: string,
  identifier: string,
): Promise<void> {
  const url = sessionUrl(emulator, pool, identifier, "/.management/stopSession");
  await askFor(200, { url: `${url}&api-version=2025-10-02-preview` }, { method: "POST" });
}

/** Waits until a pool has as many instances ready as it should, and nothing is under way. */
export async function untilWarm(emulator: EmulatorProcess, pool: string, ready: number): Promise<void> {
  for (const end = performance.now() + READY_WITHIN_MS; ; ) {
    const { body } = await askFor(200, { url: `${emulator.url}/_emulator/pools` });
    const pools: { name: string; ready: number; problem?: string }[] = JSON.parse(body).value;
    const found = pools.find(({ name }) => name === pool);
    if (found?.ready === ready) return;
    if (performance.now() > end) throw new Error(`pool '${pool}' is never warm: ${JSON.stringify(found)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Ends every session; instances are made ready anew. */
export async function reset(emulator: EmulatorProcess): Promise<void> {
  await askFor(204, { url: `${emulator.url}/_emulator/reset` }, { method: "POST" });
}

/** Name of a session's container. */
export async function containerOf(emulator: EmulatorProcess, identifier: string): Promise<string> {
  const { body } = await askFor(200, { url: `${emulator.url}/_emulator/sessions` });
  const sessions: { identifier: string; container: string }[] = JSON.parse(body).value;
  const found = sessions.find((session) => session.identifier === identifier);
  if (!found) throw new Error(`there is no session of '${identifier}'`);
  return found.container;
}

/** The unix socket that a session's port is behind. */
export async function socketOf(emulator: EmulatorProcess, identifier: string, port: number): Promise<string> {
  const container = await containerOf(emulator, identifier);
  return path.join(emulator.stateDir, "s", container.slice(-8), `${port}.sock`);
}
