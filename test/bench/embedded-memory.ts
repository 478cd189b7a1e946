import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { execute } from "./embedded-start.js";
import { newIdentifier, startEmulator } from "./support/emulator.js";
import { p50AtMost } from "./support/goals.js";
import type { Line, Row } from "./support/row.js";

const SESSIONS = 3;
const SETTLE_MS = 3_000;

/** Resident memory of the processes of a session without a container, after one run. */
export const embeddedMemory: Row = {
  name: "embedded-memory",
  async measure(context) {
    const pools = [
      { name: "python", containerType: "PythonLTS" as const, readySessionInstances: 0 },
      { name: "node", containerType: "NodeLTS" as const, readySessionInstances: 0 },
    ];
    const emulator = await startEmulator(context, pools, ["--runtime", "embedded"]);
    const { pid = 0 } = emulator.child;
    let known = await descendants(pid);
    const lines: Line[] = [];
    for (const { name } of pools) {
      const samples: number[] = [];
      for (let round = 0; round < SESSIONS; round += 1) {
        await execute(emulator, newIdentifier(), name);
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        const now = await descendants(pid);
        const added = [...now].filter(([child]) => !known.has(child));
        samples.push(added.reduce((sum, [, kib]) => sum + kib, 0) / 2 ** 10);
        known = now;
      }
      const what = `a session of pool '${name}', idle after one run`;
      lines.push({ what, unit: "MiB", samples, goals: [p50AtMost(200, "MiB")] });
    }
    return lines;
  },
};

/** Every process below one, with its resident KiB. */
async function descendants(root: number): Promise<Map<number, number>> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const found = new Map<number, number>();
  const add = (parent: number) => {
    for (const [pid = 0, ppid, kib = 0] of processes) {
      if (ppid !== parent) continue;
      found.set(pid, kib);
      add(pid);
    }
  };
  add(root);
  return found;
}
