import { spawn } from "node:child_process";
import { once } from "node:events";
import { containerOf, customPool, newIdentifier, sessionUrl, startEmulator } from "./support/emulator.js";
import { askFor } from "./support/http.js";
import { residentMiB } from "./support/memory.js";
import { TRIVIAL_SERVER } from "./support/programs.js";
import type { BenchContext, Row } from "./support/row.js";

const POOL = "memory";
const SESSIONS = 50;
/** Until what the start needed only for a moment is given back. */
const SETTLE_MS = 3_000;

/** Resident memory of the emulator's processes, and of what a session costs beside its own container. */
export const emulatorMemory: Row = {
  name: "emulator-memory",
  async measure(context) {
    const bare = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
    context.onEnd(async () => {
      bare.kill();
      await once(bare, "exit");
    });
    const settings = { readySessionInstances: 0, maxConcurrentSessions: SESSIONS };
    const emulator = await startEmulator(context, [customPool(POOL, TRIVIAL_SERVER, settings)]);
    const { child } = emulator;
    await settle();
    const floor = { what: "a Node process that does nothing", samples: [await residentMiB(pidOf(bare))] };
    const idle = await residentMiB(pidOf(child));
    const children = await residentMiB(pidOf(child), { childrenOnly: true });
    const identifiers = Array.from({ length: SESSIONS }, newIdentifier);
    for (const identifier of identifiers) {
      await askFor(200, { url: sessionUrl(emulator, POOL, identifier) });
    }
    await settle();
    const busy = await residentMiB(pidOf(child));
    const relays = await Promise.all(
      identifiers
        .slice(0, 10)
        .map(async (identifier) => relayMiB(context, await containerOf(emulator, identifier))),
    );
    const line = { unit: "MiB", goals: [] } as const;
    return [
      { ...line, what: "emulator, idle", samples: [idle], floor },
      { ...line, what: "its reaper", samples: [children], floor },
      { ...line, what: `emulator, ${SESSIONS} sessions`, samples: [busy], floor },
      { ...line, what: "relay of one session", samples: relays, note: "as the engine counts it" },
    ];
  },
};

function pidOf({ pid }: { pid?: number | undefined }): number {
  if (pid === undefined) throw new Error("the process has not started");
  return pid;
}

function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
}

async function relayMiB(context: BenchContext, session: string): Promise<number> {
  const stats = await context.docker
    .getContainer(`${session}-relay`)
    .stats({ stream: false, "one-shot": true });
  return stats.memory_stats.usage / 2 ** 20;
}
