import { spawn } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";

/** What a reaper cleans up after. */
export interface ReaperOrder {
  /** Engine to ask, as in `DOCKER_HOST`; absent: as an emulator would find it. */
  dockerHost?: string;
  emulatorId: string;
  /** Process of the emulator. */
  pid: number;
  stateDir: string;
  /** Remove the state folder too. */
  ephemeral: boolean;
}

/** The reaper's process. */
export interface Reaper {
  /** Ends it without any cleaning: everything is in order. */
  dismiss(): void;
  /** Lets it clean up in a moment, when this emulator has let go of its folder. */
  takeOver(): void;
}

/** The program beside this file; when this is a source, the one that was built from it. */
function program(): string {
  const here = fileURLToPath(new URL("./main.js", import.meta.url));
  return import.meta.url.endsWith(".ts")
    ? here.replace(/([\\/])src([\\/](?!.*[\\/]src[\\/]))/, "$1dist$2")
    : here;
}

/**
 * Starts a second process that outlives this one, whatever ends it, and then removes its containers. It notices by
 * the end of its standard input.
 */
export function startReaper(order: ReaperOrder): Reaper {
  const child = spawn(process.execPath, [program(), JSON.stringify(order)], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.unref();
  (child.stdin as Socket).unref();
  return { dismiss: () => child.stdin.end("done"), takeOver: () => child.stdin.end("later") };
}
