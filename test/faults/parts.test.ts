import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { emulatorForTests, newIdentifier, sessionsOf } from "../docker/support/emulator.js";
import { newFolder } from "../docker/support/process.js";
import { Caller, describeNext, describe as inWords } from "./support/caller.js";
import { killPart, type Part } from "./support/kill.js";
import { inEngine, leftAfter30Seconds, onDisk } from "./support/left.js";
import { reportOf } from "./support/report.js";

const POOL = "parts";
const stateDir = await newFolder();
const emulator = emulatorForTests({
  stateDir,
  pools: [{ name: POOL, containerType: "PythonLTS", readySessionInstances: 1 }],
});

const FRESH = "200 Succeeded; no variables, no files";
const GOES_ON = "the session goes on";
const ABORTED = "200 Failed: Execution aborted";
const BROKEN = "502 `CodeInterpreterFailed`";
const RESTARTED = /^200 Failed: .*kernel/i;

type Moment = "during an execution" | "during an upload" | "while idle";
type Expected = [part: Part, when: Moment, got: string | RegExp, left: string, next: string];

const CASES: Expected[] = [
  ...(["relay", "container", "interpreter"] as const).flatMap((part): Expected[] => [
    [part, "during an execution", ABORTED, "nothing", FRESH],
    [part, "during an upload", BROKEN, "nothing", FRESH],
    [part, "while idle", "–", "nothing", FRESH],
  ]),
  [
    "kernel",
    "during an execution",
    RESTARTED,
    GOES_ON,
    "200 Succeeded; no variables, files kept (before.txt)",
  ],
  [
    "kernel",
    "during an upload",
    "200, the file is stored",
    GOES_ON,
    "200 Succeeded; no variables, files kept (before.txt, half.bin)",
  ],
  ["kernel", "while idle", "–", GOES_ON, "200 Succeeded; no variables, files kept (before.txt)"],
];

const report = reportOf(
  {
    id: "parts",
    title: "A part of a session is killed (`kill -9`)",
    text: "A `PythonLTS` pool. The next call comes at once, or two seconds later when nothing was under way.",
    columns: ["killed", "when", "the caller got", "left of the session", "next call"],
  },
  CASES.length,
);

it.each(CASES)("%s killed %s", async (part, when, got, left, next) => {
  const { docker } = await findEngine();
  const identifier = newIdentifier();
  const caller = new Caller(`${emulator.url}/pools/${POOL}`, identifier);
  await caller.leaveTraces();
  const container = await containerOf(identifier);
  const begun = await begin(caller, when);

  await killPart(docker, container, part);

  const told = begun ? inWords(await begun.answer) : "–";
  if (!begun) await sleep(2_000);
  const nextTold = await describeNext(caller);
  const goesOn = (await containerOf(identifier)) === container;
  const leftTold = goesOn ? GOES_ON : await leftAfter30Seconds(() => belongings(container));
  expect({ told, left: leftTold, next: nextTold }).toEqual({
    told: typeof got === "string" ? got : expect.stringMatching(got),
    left,
    next,
  });
  report([part, when, told, leftTold, nextTold]);

  async function belongings(name: string): Promise<string[]> {
    const folder = `${stateDir}/s/${name.slice(-8)}`;
    return [...(await inEngine(docker, name)), ...(await onDisk([folder]))];
  }
});

function begin(caller: Caller, when: Moment): Promise<{ answer: ReturnType<Caller["execute"]> }> | undefined {
  if (when === "during an execution") return caller.beginExecution();
  return when === "during an upload" ? caller.beginUpload() : undefined;
}

async function containerOf(identifier: string): Promise<string> {
  const session = (await sessionsOf(emulator, POOL)).find((one) => one.identifier === identifier);
  return session?.container ?? "none";
}
