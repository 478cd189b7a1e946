import fs from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lockHolder, releaseLock, takeLock } from "../../../state/lock.js";
import type { ReaperOrder } from "./start-reaper.js";

/** How long a successor may take to appear: an emulator that is started again adopts its sessions. */
const SUCCESSOR_MS = 8_000;
const LOOK_AGAIN_MS = 250;
/** How long an emulator that ends may hold its folder after it has handed over. */
const HAND_OVER_MS = 2_000;
/** What the engine was about to make when the emulator died exists after this time. */
const LATE_ARRIVALS_MS = 3_000;
/** The engine may be starting again just now. */
const TRY_AGAIN_MS = 2_000;
const TRIES = 60;

/** Waits for the emulator's end, then removes what it left. The program behind `startReaper`. */
async function main(order: ReaperOrder): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  const words = Buffer.concat(chunks).toString();
  if (words === "done") return;
  if (words === "later") await sleep(HAND_OVER_MS);

  if (!order.ephemeral && (await hasSuccessor(order))) return;
  // Only now: while the emulator lives, this process should cost next to nothing.
  const { findEngine } = await import("../engine.js");
  const { sweep } = await import("../sweep.js");
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const { docker } = await findEngine(order.dockerHost);
      await sweep(docker, order.emulatorId, order.stateDir);
      await sleep(LATE_ARRIVALS_MS);
      await sweep(docker, order.emulatorId, order.stateDir);
      break;
    } catch {
      await sleep(TRY_AGAIN_MS);
    }
  }
  if (order.ephemeral) await fs.rm(order.stateDir, { recursive: true, force: true });
  else await releaseLock(order.stateDir);
}

/**
 * Waits for the next emulator on the same folder; without one, the folder is this process's. A folder that was made
 * for one run has no second emulator.
 */
async function hasSuccessor({ stateDir, pid }: ReaperOrder): Promise<boolean> {
  for (const end = Date.now() + SUCCESSOR_MS; Date.now() < end; await sleep(LOOK_AGAIN_MS)) {
    // The emulator's own number lives on for a moment after its end.
    const holder = await lockHolder(stateDir);
    if (holder && holder.pid !== pid) return true;
  }
  await fs.mkdir(stateDir, { recursive: true });
  return (await takeLock(stateDir, "reaper", 0)) !== undefined;
}

// The terminal's Ctrl+C and a parent's hang-up are not meant for this process.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
await main(JSON.parse(process.argv[2] ?? "{}") as ReaperOrder);
