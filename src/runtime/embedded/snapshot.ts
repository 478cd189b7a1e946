import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const WITHIN_MS = 120_000;

/** What is needed to make a snapshot. */
export interface SnapshotOrder {
  /** The program that makes one, and does nothing when there is one that fits. */
  program: string;
  pyodideFolder: string;
  /** Folder for snapshots; made when it is missing. */
  folder: string;
}

/** Folder of this user for snapshots, from which later emulators start, too. */
export function snapshotCache(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
  return path.join(cache, "dynamic-sessions-emulator", "snapshots");
}

/**
 * Makes sure that there is a snapshot of a started Python. Sessions start without one, too, only slower; so what goes
 * wrong is said and is no failure.
 * @returns the folder that it is in, by its real path; undefined when there is none
 */
export async function ensureSnapshot(
  { program, pyodideFolder, folder }: SnapshotOrder,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<string | undefined> {
  const DSE_SNAPSHOT = JSON.stringify({ pyodideFolder, snapshotFolder: folder });
  const waiting = setTimeout(() => onProgress("Starting Python once, so that sessions start fast …"), 1_000);
  try {
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    const options = { env: { DSE_SNAPSHOT }, timeout: WITHIN_MS, signal };
    await promisify(execFile)(process.execPath, [program], options);
    return await fs.realpath(folder);
  } catch (error) {
    if (signal.aborted) throw error;
    const { stderr } = error as { stderr?: string };
    const why = stderr?.trim().split("\n")[0] || (error as Error).message;
    onProgress(`Sessions start slower than they could: no snapshot of Python in ${folder} (${why})`);
    return undefined;
  } finally {
    clearTimeout(waiting);
  }
}
