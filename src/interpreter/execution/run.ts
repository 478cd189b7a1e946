import { executeContent, type Message } from "../jupyter/messages.js";
import type { JupyterRest } from "../jupyter/rest.js";
import { type KernelLink, settled } from "./kernel-link.js";
import { interruption, type RunError, type RunOutcome } from "./outcome.js";
import { RunTracker } from "./run-tracker.js";

/** How long interrupted code may take to end before the kernel is restarted (byoc 7.5). */
const INTERRUPT_GRACE_MS = 4_000;

/** One piece of code to run. */
export interface RunRequest {
  code: string;
  timeoutSeconds: number;
  /** Characters kept of each of stdout and stderr. */
  outputLimit: number;
  /** Whether the run counts in the session's history. */
  storeHistory: boolean;
}

/** What the kernel needs before it can take the next run. */
export type KernelCondition = "good" | "reconnect" | "restart" | "replace";

/** How a run ended, and how it left the kernel. */
export interface RunEnd {
  outcome: RunOutcome;
  condition: KernelCondition;
}

type End =
  | { kind: "finished" }
  | { kind: "timeout" }
  | { kind: "lost"; error: RunError; then: KernelCondition };

/** Runs code on a connected kernel until it ends in one of the ways of byoc 7.4. Never throws. */
export async function runOn(link: KernelLink, rest: JupyterRest, request: RunRequest): Promise<RunEnd> {
  const { socket } = link;
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const id = socket.send("shell", "execute_request", executeContent(request));
  const tracker = new RunTracker(id, request.outputLimit);
  const watch = new RunWatch(link, tracker);
  try {
    const first = await watch.end(request.timeoutSeconds * 1000);
    if (first.kind === "lost")
      return { outcome: tracker.outcome(elapsed(), first.error), condition: first.then };
    if (first.kind === "finished") {
      return { outcome: tracker.outcome(elapsed()), condition: tracker.kernelExits ? "restart" : "good" };
    }
    const reacted = await interrupted(link, rest, watch);
    const timedOut = interruption.timeout(request.timeoutSeconds, !reacted);
    return { outcome: tracker.outcome(elapsed(), timedOut), condition: reacted ? "good" : "restart" };
  } finally {
    watch.stop();
    socket.forget(id);
  }
}

/** First rung of the ladder: whether the kernel came back by itself after an interrupt. */
async function interrupted(link: KernelLink, rest: JupyterRest, watch: RunWatch): Promise<boolean> {
  try {
    await rest.interrupt(link.kernelId);
    const end = await watch.end(INTERRUPT_GRACE_MS);
    if (end.kind !== "finished") return false;
    // The code may have ended just before the signal arrived; the next run must not be hit by it.
    await settled(link.socket, INTERRUPT_GRACE_MS);
    return true;
  } catch {
    return false;
  }
}

/** Listens to one kernel's socket for the end of one run. */
class RunWatch {
  private found: End | undefined;
  private notify: () => void = () => {};

  constructor(
    private readonly link: KernelLink,
    private readonly tracker: RunTracker,
  ) {
    link.socket.on("message", this.onMessage).on("close", this.onClose);
    if (!link.socket.isOpen) this.onClose(1006);
  }

  /** Waits for the end, at most so many milliseconds. */
  end(timeoutMs: number): Promise<End> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => settle({ kind: "timeout" }), Math.min(timeoutMs, 2 ** 31 - 1));
      const settle = (end: End) => {
        clearTimeout(timer);
        this.notify = () => {};
        resolve(end);
      };
      this.notify = () => this.found !== undefined && settle(this.found);
      this.notify();
    });
  }

  stop(): void {
    this.link.socket.off("message", this.onMessage).off("close", this.onClose);
  }

  private readonly onMessage = (message: Message): void => {
    this.tracker.accept(message);
    if (this.tracker.finished) this.conclude({ kind: "finished" });
    else if (message.header.msg_type === "status") this.onStatus(message);
  };

  private onStatus(message: Message): void {
    const state = message.content.execution_state;
    // The server's own words have no parent. `starting` without `restarting` is a restart by somebody else.
    if (message.parent_header.msg_id !== undefined) return;
    if (state === "restarting" || state === "starting") this.lost(interruption.restarted(), "reconnect");
    if (state === "dead") this.lost(interruption.restarted(), "replace");
  }

  private readonly onClose = (code: number): void => {
    this.lost(interruption.connectionClosed(code), "reconnect");
  };

  private lost(error: RunError, then: KernelCondition): void {
    this.conclude({ kind: "lost", error, then });
  }

  private conclude(end: End): void {
    this.found ??= end;
    this.notify();
  }
}
