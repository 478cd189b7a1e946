import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { startEmulator } from "../../../src/index.js";
import { eventually, newIdentifier, processesWith } from "./support.js";

const started: ChildProcess[] = [];
const folders: string[] = [];
afterAll(async () => {
  for (const child of started) child.kill("SIGKILL");
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "dse-crash-"));
  folders.push(folder);
  return folder;
}

/** An emulator in a process of its own, with one session that runs and one that is paused. */
async function emulatorProcess(stateDir: string): Promise<ChildProcess> {
  const program = path.resolve("dist/cli/main.js");
  const options = ["--port", "0", "--runtime", "embedded", "--state-dir", stateDir, "--log-format", "json"];
  const child = spawn(process.execPath, [program, "start", ...options], {
    cwd: stateDir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  started.push(child);
  let said = "";
  child.stderr?.on("data", (text) => {
    said += text;
  });
  let url = "";
  await eventually("the emulator answers", async () => {
    url = /at (http:\S+)/.exec(said)?.[1] ?? "";
    return url !== "";
  });
  const answer = await fetch(
    `${url}/pools/node/executions?api-version=2025-10-02-preview&identifier=${newIdentifier()}`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"code":"1"}',
    },
  );
  expect(answer.status).toBe(200);
  await eventually("a session stands ready, paused", async () => {
    const response = await fetch(`${url}/_emulator/pools`);
    const { value } = (await response.json()) as { value: { name: string; ready: number }[] };
    return value.every(({ ready }) => ready === 1);
  });
  return child;
}

it("leaves neither processes nor session folders when it is killed", async () => {
  const stateDir = await newFolder();
  const emulator = await emulatorProcess(stateDir);
  const pids = await processesWith(path.join(stateDir, "s"));
  expect(pids.length).toBeGreaterThanOrEqual(3);
  emulator.kill("SIGKILL");
  await eventually(
    "no process is left",
    async () => (await processesWith(path.join(stateDir, "s"))).length === 0,
  );
  await eventually(
    "no folder is left",
    async () => (await readdir(path.join(stateDir, "s")).catch(() => [])).length === 0,
  );
}, 90_000);

it("leaves no process when it is killed together with its reaper", async () => {
  const stateDir = await newFolder();
  const emulator = await emulatorProcess(stateDir);
  const reapers = await processesWith(`dse-reaper\0${path.join(stateDir, "s")}`);
  expect(reapers).toHaveLength(1);
  for (const pid of reapers) process.kill(pid, "SIGKILL");
  emulator.kill("SIGKILL");
  await eventually(
    "no process is left",
    async () => (await processesWith(path.join(stateDir, "s"))).length === 0,
  );
}, 90_000);

it("removes at its start what an earlier one left, and kills only processes that are its own", async () => {
  const stateDir = await newFolder();
  const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
  started.push(bystander);
  const left = path.join(stateDir, "s", "0badcafe");
  await mkdir(left, { recursive: true });
  await writeFile(path.join(left, "process"), `${bystander.pid} another-boot 12345`);
  const emulator = await startEmulator({
    port: 0,
    runtime: "embedded",
    stateDir,
    pools: [{ name: "node", containerType: "NodeLTS", readySessionInstances: 0 }],
  });
  try {
    expect(await readdir(path.join(stateDir, "s"))).toEqual([]);
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  } finally {
    await emulator.close();
  }
});
