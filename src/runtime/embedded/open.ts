import fs from "node:fs/promises";
import path from "node:path";
import type { StateDir } from "../../state/state-dir.js";
import { nodeBytes } from "./node-bytes.js";
import { findPrograms } from "./programs.js";
import { startReaper } from "./reaper.js";
import { EmbeddedRuntime } from "./runtime.js";
import { findSeal } from "./seal.js";
import { sessionsFolder } from "./session-folder.js";
import { snapshotCache } from "./snapshot.js";

/** What an embedded runtime depends on. */
export interface EmbeddedChoice {
  state: StateDir;
  startupTimeoutSeconds: number;
  /** Folder with wheels, as on the command line. */
  wheels?: string;
}

/**
 * Opens the embedded runtime and says what holds its sessions.
 * @throws Error when the folder with wheels cannot be read
 */
export async function openEmbedded(
  choice: EmbeddedChoice,
): Promise<{ runtime: EmbeddedRuntime; inForce: string }> {
  const { state, startupTimeoutSeconds, wheels } = choice;
  const wheelsFolder = wheels === undefined ? undefined : await wheelsIn(wheels);
  const stateDir = await fs.realpath(state.path);
  const seal = await findSeal(path.join(stateDir, "probe"));
  const runtime = new EmbeddedRuntime({
    stateDir,
    startupTimeoutMs: startupTimeoutSeconds * 1000,
    programs: await findPrograms(),
    seal,
    reaper: startReaper([state.ephemeral ? stateDir : sessionsFolder(stateDir)]),
    nodeBytes: await nodeBytes(),
    snapshotCache: snapshotCache(),
    ...(wheelsFolder && { wheelsFolder }),
  });
  return { runtime, inForce: `sessions: Node's permission model, ${seal.inWords}` };
}

async function wheelsIn(folder: string): Promise<string> {
  try {
    const real = await fs.realpath(folder);
    await fs.readdir(real);
    return real;
  } catch (error) {
    throw new Error(
      `--wheels: ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}). Give a folder that holds *.whl files.`,
    );
  }
}
