import { spawn } from "node:child_process";
import { once } from "node:events";
import { type EmulatorProcess, newIdentifier, reset, startEmulator, untilWarm } from "./support/emulator.js";
import { type Goal, p50AtMost } from "./support/goals.js";
import { askFor } from "./support/http.js";
import type { BenchContext, Line, Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

/** The built-in kinds that run without a container. */
const KINDS = [
  { name: "Python", containerType: "PythonLTS" },
  { name: "JavaScript", containerType: "NodeLTS" },
] as const;
const POOL = "embedded";

/** The first answer to a new identifier without containers: with a session that stands ready, and without. */
export const embeddedStart: Row = {
  name: "embedded-start",
  async measure(context) {
    const lines: Line[] = [];
    for (const { name, containerType } of KINDS) {
      for (const readySessionInstances of [1, 0]) {
        const isWarm = readySessionInstances === 1;
        const pool = { name: POOL, containerType, readySessionInstances };
        const emulator = await startEmulator(context, [pool], ["--runtime", "embedded"]);
        const what = `${name}, new identifier, ${isWarm ? "warm" : "cold"}`;
        const goals = [isWarm ? p50AtMost(100, "ms") : p50AtMost(2_000, "ms")];
        lines.push(await firstAnswers(context, emulator, { what, goals, readySessionInstances }));
        await emulator.stop();
      }
    }
    return lines;
  },
};

async function firstAnswers(
  context: BenchContext,
  emulator: EmulatorProcess,
  { what, goals, readySessionInstances }: { what: string; goals: Goal[]; readySessionInstances: number },
): Promise<Line> {
  const { floorSamples, measuredSamples } = await interleave({
    rounds: 10,
    warmUp: 1,
    between: async () => {
      await reset(emulator);
      await untilWarm(emulator, POOL, readySessionInstances);
    },
    floor: () => timed(() => once(spawn(process.execPath, ["-e", ""]), "exit")),
    measured: () => timed(() => execute(emulator, newIdentifier())),
  });
  context.say(`${what}: ${measuredSamples.length} sessions`);
  const floor = { what: "start and end of a Node process", samples: floorSamples };
  return { what, unit: "ms", samples: measuredSamples, floor, goals };
}

/** Runs a line of code that both languages know. */
export async function execute(emulator: EmulatorProcess, identifier: string, pool = POOL): Promise<void> {
  const url = `${emulator.url}/pools/${pool}/executions?api-version=2025-10-02-preview&identifier=${identifier}`;
  await askFor(200, { url }, { method: "POST", json: { code: "1 + 1" } });
}
