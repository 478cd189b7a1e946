import { LONGEST_STREAM_BYTES } from "../jupyter/codec.js";
import { executeContent } from "../jupyter/messages.js";
import type { KernelLink } from "./kernel-link.js";
import type { KernelServer } from "./kernel-server.js";
import type { KernelTraits } from "./kernel-traits.js";
import { interruption, type RunOutcome } from "./outcome.js";
import { caughtUp, settled } from "./probe.js";
import { RunTracker } from "./run-tracker.js";
import { type End, type KernelCondition, RunWatch } from "./run-watch.js";
import { explained } from "./syntax.js";

/** How long interrupted code may take to end before the kernel is restarted (byoc 7.5). */
const INTERRUPT_GRACE_MS = 4_000;
/** How long to wait for a value that comes after `idle`. Measured: below 3 ms. */
const LATE_VALUE_MS = 250;

/** A character of output takes at most this many bytes of JSON: two escapes such as `\\ud83d`. */
const BYTES_PER_CHARACTER = 12;
/** Messages of output up to this size are read whatever the limit. */
const SHORTEST_READ_BYTES = 16 * 1024;

/** One piece of code to run. */
export interface RunRequest {
  code: string;
  timeoutSeconds: number;
  /** Characters kept of each of stdout and stderr. */
  outputLimit: number;
  /** Whether the run counts in the session's history. */
  storeHistory: boolean;
  /** Keep the value from being shown and remembered. Default false. */
  silent?: boolean;
  /** Evaluated after the code; its value becomes the run's. Only for kernels that evaluate expressions. */
  expression?: string;
}

/** Where and how to run it. */
export interface RunPlace {
  link: KernelLink;
  server: KernelServer;
  traits: KernelTraits;
  /** Thread of the kernel (JEP 91). An interrupt cannot reach it, so that a timeout only stops the waiting. */
  subshellId?: string;
}

/** How a run ended, and how it left the kernel. */
export interface RunEnd {
  outcome: RunOutcome;
  condition: KernelCondition;
}

/** Runs code on a connected kernel until it ends in one of the ways of byoc 7.4. Never throws. */
export async function runOn(place: RunPlace, request: RunRequest): Promise<RunEnd> {
  const { link, server, traits, subshellId } = place;
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const userExpressions = expressionsOf(request, traits);
  const content = executeContent({ ...request, userExpressions });
  const streamBytes = Math.min(
    SHORTEST_READ_BYTES + request.outputLimit * BYTES_PER_CHARACTER,
    LONGEST_STREAM_BYTES,
  );
  const id = link.socket.send("shell", "execute_request", content, { subshellId, streamBytes });
  const tracker = new RunTracker(id, request.outputLimit);
  const watch = new RunWatch(link, server, tracker);
  try {
    const first = await watch.end(request.timeoutSeconds * 1000);
    const durationMs = elapsed();
    if (first.kind === "lost") {
      return { outcome: tracker.outcome(elapsed(), first.error), condition: first.then };
    }
    if (first.kind === "finished") {
      if (!traits.inOrder && tracker.mayGetValue) await caughtUp(link.socket, LATE_VALUE_MS);
      const outcome = await explained(tracker.outcome(durationMs), request.code, place);
      return { outcome, condition: tracker.kernelExits ? "restart" : "good" };
    }
    const condition = subshellId === undefined ? await interrupted(place, watch) : "good";
    const timedOut = interruption.timeout(request.timeoutSeconds, condition !== "good");
    return { outcome: tracker.outcome(elapsed(), timedOut), condition };
  } finally {
    watch.stop();
    link.socket.forget(id);
  }
}

/** Whether the value was `None` matters only where there could be one. */
function expressionsOf(
  { silent, expression }: RunRequest,
  { noneExpression }: KernelTraits,
): Record<string, string> | undefined {
  if (expression !== undefined) return { value: expression };
  return silent || noneExpression === undefined ? undefined : { none: noneExpression };
}

/** First rung of the ladder: an interrupt. Says what the kernel needs after it. */
async function interrupted({ link, server, traits }: RunPlace, watch: RunWatch): Promise<KernelCondition> {
  try {
    await server.interrupt(link.kernelId);
  } catch {
    return "restart";
  }
  // The code may have ended just before the signal arrived; the next run must not be hit by it.
  const quiet = settled(link.socket, INTERRUPT_GRACE_MS).then(
    () => true,
    () => false,
  );
  // A signal that arrives between the end of the code and its reply makes ipykernel forget the reply.
  const overtaken = traits.inOrder
    ? quiet.then((is): End => ({ kind: is ? "finished" : "timeout" }))
    : undefined;
  const end = await Promise.race(
    [watch.end(INTERRUPT_GRACE_MS), overtaken].filter((one) => one !== undefined),
  );
  // Some kernels die of an interrupt (Deno): the server has started another one by now.
  if (end.kind === "lost") return end.then;
  return end.kind === "finished" && (await quiet) ? "good" : "restart";
}
