import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type KeptAuthority, newAuthority } from "../tls/certificate-authority.js";
import { releaseLock, takeLock } from "./lock.js";

/** A reaper is done within half a minute. */
const WAIT_FOR_REAPER_MS = 40_000;

/** The folder of an emulator: what must survive it, and the sockets of its sessions. */
export interface StateDir {
  path: string;
  /** Names what belongs to this emulator, and to the next one on the same folder. */
  emulatorId: string;
  /** Signs the emulator's tokens; the same after a restart, so that tokens stay good. */
  tokenSecret: Uint8Array;
  /** Signs the certificates that the emulator answers https with; made when first asked for, then kept. */
  authority(): Promise<KeptAuthority>;
  /** True for a folder that was made for one run only. */
  ephemeral: boolean;
  /** Gives the folder back; removes an ephemeral one. */
  release(): Promise<void>;
}

/**
 * Opens the state folder, or makes one for this run.
 * @throws Error when another emulator works with it
 */
export async function openStateDir(folder: string | undefined): Promise<StateDir> {
  const ephemeral = folder === undefined;
  const dir = folder ? path.resolve(folder) : path.join(os.tmpdir(), `dse-${randomBytes(4).toString("hex")}`);
  await fs.mkdir(dir, { recursive: true, mode: 0o700 });
  const holder = await takeLock(dir, "emulator", WAIT_FOR_REAPER_MS);
  if (holder) {
    throw new Error(
      `--state-dir: ${dir} is in use by another emulator (process ${holder.pid}). Stop that one, or give another folder.`,
    );
  }
  return {
    path: dir,
    emulatorId: await keptHex(dir, "emulator-id", 4),
    tokenSecret: Buffer.from(await keptHex(dir, "token-secret", 32), "hex"),
    authority: () => keptAuthority(dir),
    ephemeral,
    release: async () => {
      if (ephemeral) await fs.rm(dir, { recursive: true, force: true });
      else await releaseLock(dir);
    },
  };
}

/** Random bytes in hexadecimal digits, made once for a folder. */
async function keptHex(dir: string, name: string, bytes: number): Promise<string> {
  const file = path.join(dir, name);
  try {
    const kept = (await fs.readFile(file, "utf8")).trim();
    if (kept.length === 2 * bytes && /^[0-9a-f]+$/.test(kept)) return kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = randomBytes(bytes).toString("hex");
  await fs.writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}

/** The folder's certificate authority. */
async function keptAuthority(dir: string): Promise<KeptAuthority> {
  const file = path.join(dir, "certificate-authority.json");
  try {
    return JSON.parse(await fs.readFile(file, "utf8")) as KeptAuthority;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const made = newAuthority();
  await fs.writeFile(file, JSON.stringify(made), { mode: 0o600 });
  return made;
}
