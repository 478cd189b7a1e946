import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processMark } from "./process-mark.js";

/** How long a process that has been killed may take to be gone. */
const GONE_WITHIN_MS = 5_000;

/** Folder below the state folder that holds one folder for each session. */
export function sessionsFolder(stateDir: string): string {
  return path.join(stateDir, "s");
}

/** The places of one session. Short, since a socket's path may have about 100 characters. */
export interface SessionFolder {
  path: string;
  /** The only one that the session's process sees: its socket and the user's files. */
  inside: string;
  socketPath: string;
  /** `data` and `home` are made in it. */
  files: string;
  /** An empty one, for the seal. */
  root: string;
}

/** Makes the folder of a session; nobody else may look into it. */
export async function makeSessionFolder(stateDir: string, shortId: string): Promise<SessionFolder> {
  const folder = path.join(sessionsFolder(stateDir), shortId);
  const inside = path.join(folder, "b");
  const files = path.join(inside, "f");
  const root = path.join(folder, "r");
  await fs.mkdir(files, { recursive: true, mode: 0o700 });
  await fs.mkdir(root, { mode: 0o700 });
  return { path: folder, inside, socketPath: path.join(inside, "i.sock"), files, root };
}

/** Writes down which process a session has, for an emulator that comes after a crash. */
export async function writeOwner(folder: SessionFolder, pid: number): Promise<void> {
  await fs.writeFile(path.join(folder.path, "process"), `${pid} ${await processMark(pid)}`, { mode: 0o600 });
}

/** Ends what an earlier emulator with the same state folder left: its processes, where it is sure, and its folders. */
export async function removeLeftovers(stateDir: string): Promise<void> {
  const root = sessionsFolder(stateDir);
  for (const entry of await fs.readdir(root).catch((): string[] => [])) {
    const folder = path.join(root, entry);
    const written = await fs.readFile(path.join(folder, "process"), "utf8").catch(() => "");
    const [pid, ...mark] = written.split(" ");
    if (pid && mark.length > 0 && (await processMark(Number(pid))) === mark.join(" ")) {
      await endGroup(Number(pid));
    }
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** Kills a process group and waits until it is gone. */
export async function endGroup(group: number): Promise<void> {
  for (const end = Date.now() + GONE_WITHIN_MS; Date.now() < end && signalGroup(group, "SIGKILL"); )
    await sleep(20);
}

/** @returns false when there is no such group any more */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
