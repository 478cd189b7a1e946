import { EventEmitter } from "node:events";
import type { Message } from "../jupyter/messages.js";
import { JupyterError, type JupyterRest } from "../jupyter/rest.js";
import type { Log } from "../log.js";
import {
  connect,
  controlAnswers,
  type KernelLink,
  kernelLanguage,
  restartLink,
  serverUp,
  startLink,
  UnknownKernelError,
} from "./kernel-link.js";
import { codeTransport } from "./large-code.js";
import { failedOutcome, interruption, type RunOutcome } from "./outcome.js";
import { SerialQueue } from "./queue.js";
import { type KernelCondition, type RunRequest, runOn } from "./run.js";

/** Settings of one kernel. */
export interface KernelOptions {
  rest: JupyterRest;
  /** Kernelspec name. */
  name: string;
  /** What the kernel is for, in log lines. */
  role: string;
  log: Log;
  /** Longest message the server takes, in bytes. */
  maxMessageBytes: number;
  /** Code run right after each start, before any user's: preloaded libraries, then the probe's snippet. */
  prepare: PrepareStep[];
}

/** One piece of start-up code. A step that fails is logged and makes the kernel unhealthy at start-up. */
export interface PrepareStep {
  what: string;
  code: string;
  timeoutSeconds: number;
  expected?: string;
}

interface KernelEvents {
  /** The kernel can be neither restarted nor replaced, or does not exist: the session is of no more use. */
  hopeless: [Error];
}

/** One kernel with its queue: one run at a time, in order, over one socket (byoc 7.5). */
export class Kernel extends EventEmitter<KernelEvents> {
  private readonly queue = new SerialQueue();
  private readonly stopped = new AbortController();
  private link: KernelLink | undefined;
  private language = "";
  private condition: KernelCondition = "replace";
  private prepared = false;

  constructor(private readonly options: KernelOptions) {
    super();
    this.stopped.signal.addEventListener("abort", () => this.link?.socket.close());
  }

  /** Starts the kernel ahead of the first run. Runs that come earlier wait in the queue. */
  start(): void {
    void this.queue.run(() => this.usableLink()).catch(() => {});
  }

  /** Runs code after everything that came before it. `onStart` is called when its turn has come. */
  run(request: RunRequest, onStart: () => void = () => {}): Promise<RunOutcome> {
    return this.queue.run(async () => {
      onStart();
      try {
        const link = await this.usableLink();
        return await this.runTransported(link, request);
      } catch (error) {
        return failedOutcome(interruption.notConnected((error as Error).message));
      }
    });
  }

  /** Whether the kernel has started and its start-up code went well. */
  get isPrepared(): boolean {
    return this.prepared;
  }

  /** Whether the kernel answers, busy or not. Leaves no trace in its history. */
  async isHealthy(timeoutMs: number): Promise<boolean> {
    if (this.link === undefined) return false;
    // Between a crash and the next run there is no live socket, but the next run gets one.
    if (this.condition !== "good" || !this.link.socket.isOpen) return this.options.rest.isUp();
    return controlAnswers(this.link.socket, timeoutMs);
  }

  close(): void {
    this.stopped.abort();
  }

  private async runTransported(link: KernelLink, request: RunRequest): Promise<RunOutcome> {
    const transport = await codeTransport(request.code, this.language, this.options.maxMessageBytes);
    try {
      const { outcome, condition } = await runOn(link, this.options.rest, {
        ...request,
        code: transport.code,
      });
      this.condition = condition;
      if (condition !== "good") {
        this.options.log.warn("kernel needs attention after a run", { role: this.options.role, condition });
        // Not awaited: the answer goes out now. A run that is already waiting repairs the kernel itself.
        this.start();
      }
      return outcome;
    } finally {
      await transport.cleanUp();
    }
  }

  /** A link that works, after whatever repair the last run made necessary. */
  private async usableLink(): Promise<KernelLink> {
    if (this.link !== undefined && this.condition === "good" && this.link.socket.isOpen) return this.link;
    const { role, log } = this.options;
    const started = performance.now();
    try {
      this.link = await this.repaired();
    } catch (error) {
      if (!this.stopped.signal.aborted) {
        log.error("kernel is not usable", { role, error: (error as Error).message });
        this.emit("hopeless", error as Error);
      }
      throw error;
    }
    this.condition = "good";
    this.watch(this.link);
    await this.prepare(this.link);
    log.info("kernel is ready", {
      role,
      kernel: this.options.name,
      ms: Math.round(performance.now() - started),
    });
    return this.link;
  }

  /** The ladder's upper rungs: reconnect, else restart, else a new kernel. */
  private async repaired(): Promise<KernelLink> {
    const { rest } = this.options;
    const old = this.link;
    old?.socket.close();
    if (old !== undefined && this.condition !== "replace") {
      const again = this.condition === "restart" ? restartLink(rest, old) : connect(rest, old.kernelId);
      const link = await again.catch((error: unknown) => this.gaveUp("kernel did not come back", error));
      if (link !== undefined) return link;
    }
    if (old !== undefined) await rest.delete(old.kernelId).catch(() => {});
    return this.fresh();
  }

  private async fresh(): Promise<KernelLink> {
    const { rest, name, log } = this.options;
    await serverUp(rest, log, this.stopped.signal);
    this.language = await kernelLanguage(rest, name);
    try {
      return await startLink(rest, name);
    } catch (error) {
      if (error instanceof UnknownKernelError || this.stopped.signal.aborted) throw error;
      this.gaveUp("kernel did not start, trying once more", error);
      return startLink(rest, name);
    }
  }

  private gaveUp(what: string, error: unknown): undefined {
    const reason = error instanceof JupyterError || error instanceof Error ? error.message : String(error);
    this.options.log.warn(what, { role: this.options.role, error: reason });
    return undefined;
  }

  /** Notices a death between two runs, so that the next run finds a live socket. */
  private watch(link: KernelLink): void {
    link.socket.on("message", (message: Message) => {
      if (message.header.msg_type !== "status" || message.parent_header.msg_id !== undefined) return;
      const state = message.content.execution_state;
      if (state === "restarting" && this.condition === "good") this.condition = "reconnect";
      if (state === "dead") this.condition = "replace";
    });
  }

  private async prepare(link: KernelLink): Promise<void> {
    let well = true;
    for (const { what, code, timeoutSeconds, expected } of this.options.prepare) {
      const request: RunRequest = { code, timeoutSeconds, outputLimit: 4096, storeHistory: false };
      const { outcome, condition } = await runOn(link, this.options.rest, request);
      const differs = expected !== undefined && String(outcome.value ?? "") !== expected;
      if (outcome.error !== undefined || differs) {
        well = false;
        const error =
          outcome.error?.message ?? `value was ${JSON.stringify(outcome.value)}, expected ${expected}`;
        this.options.log.error(`${what} failed`, { role: this.options.role, error });
      }
      if (condition !== "good") {
        this.condition = condition;
        break;
      }
    }
    this.prepared = well;
  }
}
