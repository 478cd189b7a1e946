import type { CliContext } from "./context.js";

/**
 * One Ctrl+C may arrive more than once within moments: the terminal signals every process of the group, and npm
 * passes its own on.
 */
export const sameKeypressMs = 500;

/** Resolves with the reason once the process is asked to stop; a second, later signal ends the process at once. */
export interface StopRequest {
  /** The signal, or the error that nothing caught. */
  readonly reason: Promise<{ signal: NodeJS.Signals } | { crash: unknown }>;
  /** Stops listening. */
  dispose(): void;
}

/** Listens from the first moment, so that a signal during start-up is not lost. */
export function listenForStop(context: CliContext): StopRequest {
  let first: number | undefined;
  const releases: (() => void)[] = [];
  const reason = new Promise<{ signal: NodeJS.Signals } | { crash: unknown }>((resolve) => {
    releases.push(
      context.onSignal((signal) => {
        const now = Date.now();
        if (first === undefined) {
          first = now;
          context.printError("Stopping; the sessions are removed first. Once more to stop at once.");
          resolve({ signal });
        } else if (now - first > sameKeypressMs) {
          context.exit(signal === "SIGINT" ? 130 : 143);
        }
      }),
      context.onCrash((crash) => resolve({ crash })),
    );
  });
  return {
    reason,
    dispose: () => {
      for (const release of releases) release();
    },
  };
}
