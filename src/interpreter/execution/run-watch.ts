import type { Message } from "../jupyter/messages.js";
import type { KernelLink } from "./kernel-link.js";
import type { KernelServer } from "./kernel-server.js";
import { interruption, type RunError } from "./outcome.js";
import { caughtUp } from "./probe.js";
import type { RunTracker } from "./run-tracker.js";

/** A reply without `idle` is normal for some milliseconds; after this long, `idle` may have been lost. */
const IDLE_PATIENCE_MS = 500;
/** How often the server is asked whether the kernel still exists: its deletion is not announced (byoc 7.4). */
const EXISTENCE_CHECK_MS = 2_000;

/** What the kernel needs before it can take the next run. */
export type KernelCondition = "good" | "reconnect" | "restart" | "replace";

/** How waiting for a run ended. */
export type End =
  | { kind: "finished" }
  | { kind: "timeout" }
  | { kind: "lost"; error: RunError; then: KernelCondition };

/** Listens to one kernel for the end of one run, in any of the ways of byoc 7.4. */
export class RunWatch {
  private found: End | undefined;
  private notify: () => void = () => {};
  private idleTimer: NodeJS.Timeout | undefined;
  private readonly existenceTimer: NodeJS.Timeout;

  constructor(
    private readonly link: KernelLink,
    private readonly server: KernelServer,
    private readonly tracker: RunTracker,
  ) {
    link.socket.on("message", this.onMessage).on("close", this.onClose);
    this.existenceTimer = setInterval(() => void this.checkExistence(), EXISTENCE_CHECK_MS);
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
    clearInterval(this.existenceTimer);
    clearTimeout(this.idleTimer);
    this.link.socket.off("message", this.onMessage).off("close", this.onClose);
  }

  private readonly onMessage = (message: Message): void => {
    this.tracker.accept(message);
    if (this.tracker.finished) this.conclude({ kind: "finished" });
    else if (message.header.msg_type === "status") this.onStatus(message);
    else if (this.tracker.hasReplied) {
      this.idleTimer ??= setTimeout(() => void this.checkIdle(), IDLE_PATIENCE_MS);
    }
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

  /** A request sent while a kernel starts may get its reply and never its `idle` (byoc 7.4). */
  private async checkIdle(): Promise<void> {
    if (this.found === undefined && (await caughtUp(this.link.socket, 5_000))) {
      this.conclude({ kind: "finished" });
    }
  }

  private async checkExistence(): Promise<void> {
    if (!(await this.server.hasKernel(this.link.kernelId))) this.lost(interruption.restarted(), "replace");
  }

  private lost(error: RunError, then: KernelCondition): void {
    this.conclude({ kind: "lost", error, then });
  }

  private conclude(end: End): void {
    this.found ??= end;
    this.notify();
  }
}
