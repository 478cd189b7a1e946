import fs from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { lockHolder, releaseLock, takeLock } from "../../../state/lock.js";
import { findEngine } from "../engine.js";
import { sweep } from "../sweep.js";
import type { ReaperOrder } from "./start-reaper.js";

/** How long a successor may take to appear: an emulator that is started again adopts its sessions. */
const SUCCESSOR_MS = 8_000;
/** The engine may be starting again just now. */
const TRY_AGAIN_MS = 2_000;
const TRIES = 60;

/** Waits for the emulator's end, then removes what it left. The program behind `startReaper`. */
async function main(order: ReaperOrder): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  if (Buffer.concat(chunks).toString() === "done") return;

  for (const end = Date.now() + SUCCESSOR_MS; Date.now() < end; await sleep(250)) {
    if (await lockHolder(order.stateDir)) return;
    if (order.ephemeral) break;
  }
  await fs.mkdir(order.stateDir, { recursive: true });
  if (await takeLock(order.stateDir, "reaper", 0)) return;
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      const { docker } = await findEngine(order.dockerHost);
      await sweep(docker, order.emulatorId, order.stateDir);
      break;
    } catch {
      await sleep(TRY_AGAIN_MS);
    }
  }
  if (order.ephemeral) await fs.rm(order.stateDir, { recursive: true, force: true });
  else await releaseLock(order.stateDir);
}

// The terminal's Ctrl+C and a parent's hang-up are not meant for this process.
for (const signal of ["SIGINT", "SIGHUP"] as const) process.on(signal, () => undefined);
await main(JSON.parse(process.argv[2] ?? "{}") as ReaperOrder);
