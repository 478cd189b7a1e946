import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { aliasOf, newFolder, type Run, start } from "../docker/support/process.js";
import { Caller, describeNext, describe as inWords } from "./support/caller.js";
import { inEngine, leftAfter30Seconds } from "./support/left.js";
import { reportOf } from "./support/report.js";

// Where an emulator makes its folder when it is given none.
const temporary = await newFolder();
const usual = process.env.TMPDIR;
process.env.TMPDIR = temporary;
afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
});
const runs: Run[] = [];
afterAll(() => {
  for (const run of runs) run.process.kill("SIGTERM");
  return Promise.all(runs.map(({ exited }) => exited));
});

const MOMENTS = ["during an execution", "during an upload", "while idle"] as const;
const CUT = "no answer: the connection was closed";

const report = reportOf(
  {
    id: "emulator",
    title: "The emulator is killed (`kill -9`)",
    text: "A `PythonLTS` pool. Without a state folder the reaper removes everything; an emulator that is started again on the same state folder within a few seconds goes on with what is there.",
    columns: ["state folder", "when", "the caller got", "left", "next call, to an emulator started again"],
  },
  2 * MOMENTS.length,
);

it.each(MOMENTS)("killed %s: nothing is left", async (when) => {
  const pool = `gone${MOMENTS.indexOf(when)}`;
  const told = await killed([], pool, when);
  const left = await leftAfter30Seconds(async () => [
    ...(await inEngine((await findEngine()).docker, `dse-${pool}-`)),
    ...(await fs.readdir(temporary)).filter((name) => name.startsWith("dse-") && !name.includes("process")),
    ...(await processesOf(temporary)),
  ]);
  const next = await describeNext(await callerOf([], pool));
  expect({ told, left, next }).toEqual({
    told: when === "while idle" ? "–" : CUT,
    left: "nothing",
    next: "200 Succeeded; no variables, no files",
  });
  report(["none", when, told, left, next]);
  await endAll();
});

it.each(MOMENTS)("killed %s and started again at once: the session goes on", async (when) => {
  const pool = `back${MOMENTS.indexOf(when)}`;
  const options = ["--state-dir", await newFolder()];
  const told = await killed(options, pool, when);
  const next = await describeNext(await callerOf(options, pool));
  expect({ told, next }).toEqual({
    told: when === "while idle" ? "–" : CUT,
    next: "200 Succeeded; variables kept, files kept (before.txt)",
  });
  await endAll();
  expect(await inEngine((await findEngine()).docker, `dse-${pool}-`)).toEqual([]);
  report(["`--state-dir`", when, told, "the session goes on", next]);
});

/** Uses a session, kills the emulator, and gives what the caller got. */
async function killed(options: string[], pool: string, when: (typeof MOMENTS)[number]): Promise<string> {
  const caller = await callerOf(options, pool);
  await caller.leaveTraces();
  const begun =
    when === "during an execution"
      ? await caller.beginExecution(15)
      : when === "during an upload"
        ? await caller.beginUpload()
        : undefined;
  const run = runs.pop();
  run?.process.kill("SIGKILL");
  await run?.exited;
  return begun ? inWords(await begun.answer) : "–";
}

async function callerOf(options: string[], pool: string): Promise<Caller> {
  const file = `pools:\n  - { name: ${pool}, containerType: PythonLTS, readySessionInstances: 1 }\n`;
  const run = await start(options, file);
  runs.push(run);
  return new Caller(await aliasOf(run, pool), "user-1");
}

async function endAll(): Promise<void> {
  for (const run of runs.splice(0)) {
    run.process.kill("SIGTERM");
    expect(await run.exited).toBe(0);
  }
}

/** Command lines of the processes that name a folder, the reaper's above all. */
async function processesOf(folder: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("ps", ["-eo", "args"]);
  return stdout.split("\n").filter((line) => line.includes(path.join(folder, "dse-")));
}
