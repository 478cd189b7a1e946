import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Who works with a state folder: an emulator, or the reaper that cleans up after one. */
export type LockRole = "emulator" | "reaper";

/** What the lock of a folder says. */
export interface LockHolder {
  pid: number;
  role: LockRole;
}

const FILE = "lock";
const LOOK_AGAIN_MS = 200;

/** Who holds the lock of a folder, as long as that process lives. */
export async function lockHolder(folder: string): Promise<LockHolder | undefined> {
  try {
    const [pid, role, startedAt] = (await fs.readFile(path.join(folder, FILE), "utf8")).split(" ");
    process.kill(Number(pid), 0);
    if (await isDead(Number(pid))) return undefined;
    // In a container that is started again, the same number is another process's, or one's own.
    if (startedAt && startedAt !== (await startOf(Number(pid)))) return undefined;
    return { pid: Number(pid), role: role === "reaper" ? "reaper" : "emulator" };
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM" ? { pid: -1, role: "emulator" } : undefined;
  }
}

/** A process that was killed keeps its number until its parent has asked for its end, and some parents never do. */
async function isDead(pid: number): Promise<boolean> {
  return /^[ZX]$/.test((await statOf(pid))[0] ?? "");
}

/** When a process was started, in the kernel's count since its own start; "" where that is not told. */
async function startOf(pid: number): Promise<string> {
  return (await statOf(pid))[19] ?? "";
}

/** What Linux says of a process behind its name: state, parent and so on; empty elsewhere. */
async function statOf(pid: number): Promise<string[]> {
  const stat = await fs.readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat === "" ? [] : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/**
 * Takes the lock of a folder. An emulator waits for a reaper that still cleans up.
 * @returns who has it instead; undefined when it was taken
 */
export async function takeLock(
  folder: string,
  role: LockRole,
  waitMs: number,
): Promise<LockHolder | undefined> {
  const file = path.join(folder, FILE);
  for (const end = Date.now() + waitMs; ; ) {
    const holder = await lockHolder(folder);
    if (!holder) {
      await fs.rm(file, { force: true });
      try {
        await fs.writeFile(file, `${process.pid} ${role} ${await startOf(process.pid)}`, {
          flag: "wx",
          mode: 0o600,
        });
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    } else if (role === "reaper" || holder.role === "emulator" || Date.now() > end) {
      return holder;
    }
    await sleep(LOOK_AGAIN_MS);
  }
}

/** Gives the lock back. */
export async function releaseLock(folder: string): Promise<void> {
  await fs.rm(path.join(folder, FILE), { force: true });
}
