import { EventEmitter } from "node:events";
import type { Message } from "../jupyter/messages.js";
import { type KernelLink, ownLink } from "./kernel-link.js";
import type { KernelEvents, KernelOptions, RunOptions } from "./kernel-options.js";
import { type KernelTraits, traitsOf } from "./kernel-traits.js";
import { codeTransport } from "./large-code.js";
import { failedOutcome, interruption, type RunOutcome } from "./outcome.js";
import { type Preparation, type PrepareStep, prepareKernel } from "./prepare.js";
import { controlAnswers } from "./probe.js";
import { SerialQueue } from "./queue.js";
import { type Repaired, repairedLink } from "./repair.js";
import { type RunEnd, type RunPlace, type RunRequest, runOn } from "./run.js";
import type { KernelCondition } from "./run-watch.js";
import { createSubshell, deleteSubshell, hasSubshells } from "./subshell.js";

/** How long a kernel that has just started may take to show whether it listens to its control channel. */
const CONTROL_PATIENCE_MS = 10_000;

/** One kernel with its queue: one run at a time, in order, over one socket (byoc 7.5). */
export class Kernel extends EventEmitter<KernelEvents> {
  private readonly queue = new SerialQueue();
  private readonly stopped = new AbortController();
  private link: KernelLink | undefined;
  private traits: KernelTraits = traitsOf("");
  private language = "";
  private condition: KernelCondition = "replace";
  private prepared = false;
  /** Start-up code; what the kernel did not survive once is not tried again. */
  private readonly steps: PrepareStep[];
  /** Runs in subshells, which the queue does not know of. */
  private beside = 0;
  /** Whether the kernel listens to its control channel; some do not (IRkernel). */
  private hasControl = false;
  private toldOfMissingSubshells = false;

  constructor(private readonly options: KernelOptions) {
    super();
    this.steps = [...options.prepare];
    this.stopped.signal.addEventListener("abort", () => this.link?.socket.close());
  }

  /** Starts the kernel ahead of the first run. Runs that come earlier wait in the queue. */
  start(): void {
    void this.queue.run(() => this.usableLink()).catch(() => {});
  }

  /** Runs code after everything that came before it. */
  run(request: RunRequest, { onStart, ownSocket = false }: RunOptions = {}): Promise<RunOutcome> {
    return this.queue.run(() =>
      this.answered(async () => {
        onStart?.();
        const link = await this.usableLink();
        const { outcome, condition } = ownSocket
          ? await this.onOwnSocket(link, (own) => this.transported(own, request))
          : await this.transported(link, request);
        this.leave(condition);
        return outcome;
      }),
    );
  }

  /** Runs code beside whatever is running, in a subshell; where the kernel has none, after it (JEP 91). */
  async runBeside(request: RunRequest, onStart: () => void): Promise<RunOutcome> {
    const link = this.currentLink() ?? (await this.queue.run(() => this.usableLink()).catch(() => undefined));
    if (link === undefined || !hasSubshells(link)) {
      if (link !== undefined) this.tellOfMissingSubshells();
      return this.run(request, { onStart, ownSocket: true });
    }
    this.beside += 1;
    const answer = this.answered(() =>
      this.onOwnSocket(link, async (own) => {
        onStart();
        const subshellId = await createSubshell(own);
        // Two threads that both write the history get in each other's way (IPython says so in the output).
        const { outcome } = await this.transported(own, { ...request, storeHistory: false }, subshellId);
        if (outcome.error?.name !== "Timeout") await deleteSubshell(own, subshellId);
        else this.options.log.warn("code in a subshell cannot be interrupted and goes on running");
        return outcome;
      }),
    );
    return answer.finally(() => {
      this.beside -= 1;
    });
  }

  /**
   * Runs the health probe's snippet. `undefined` when user code runs or waits, which must neither be disturbed
   * nor kept waiting.
   */
  async check(step: PrepareStep): Promise<boolean | undefined> {
    if (this.queue.length > 0 || this.beside > 0) return undefined;
    return this.queue
      .run(async () => {
        const link = await this.usableLink();
        const { well, condition } = await this.runSteps(link, [step]);
        this.leave(condition);
        if (well) this.prepared = true;
        return well;
      })
      .catch(() => false);
  }

  /** Whether the kernel has started and its start-up code went well. */
  get isPrepared(): boolean {
    return this.prepared;
  }

  /** Whether the kernel answers, busy or not. Leaves no trace in its history (byoc 2.4, 7.5). */
  async isHealthy(timeoutMs: number): Promise<boolean> {
    if (this.link === undefined) return false;
    // Between a crash and the next run there is no live socket, but the next run gets one.
    if (this.condition !== "good" || !this.link.socket.isOpen) return this.options.server.isUp();
    if (this.hasControl) return controlAnswers(this.link.socket, timeoutMs);
    const model = await this.options.server.kernel(this.link.kernelId).catch(() => undefined);
    return model?.execution_state === "idle" || model?.execution_state === "busy";
  }

  close(): void {
    this.stopped.abort();
  }

  private async answered(run: () => Promise<RunOutcome>): Promise<RunOutcome> {
    try {
      return await run();
    } catch (error) {
      return failedOutcome(interruption.notConnected((error as Error).message));
    }
  }

  private async onOwnSocket<T>(link: KernelLink, use: (own: KernelLink) => Promise<T>): Promise<T> {
    const own = await ownLink(this.options.server, link);
    try {
      return await use(own);
    } finally {
      own.socket.close();
    }
  }

  private async transported(link: KernelLink, request: RunRequest, subshellId?: string): Promise<RunEnd> {
    const transport = await codeTransport(request.code, this.language, this.options.maxMessageBytes);
    const place: RunPlace = { link, server: this.options.server, traits: this.traits };
    try {
      return await runOn(subshellId === undefined ? place : { ...place, subshellId }, {
        ...request,
        code: transport.code,
      });
    } finally {
      await transport.cleanUp();
    }
  }

  /** Takes note of how a run left the kernel. */
  private leave(condition: KernelCondition): void {
    if (condition === "good") return;
    this.condition = condition;
    this.options.log.warn("kernel needs attention after a run", { role: this.options.role, condition });
    // Not awaited: the answer goes out now. A run that is already waiting repairs the kernel itself.
    this.start();
  }

  private currentLink(): KernelLink | undefined {
    const { link } = this;
    return this.condition === "good" && link?.socket.isOpen ? link : undefined;
  }

  /** A link that works, after whatever repair the last run made necessary. */
  private async usableLink(): Promise<KernelLink> {
    const current = this.currentLink();
    if (current !== undefined) return current;
    const { role, log, name } = this.options;
    const started = performance.now();
    let repaired: Repaired;
    try {
      const wanted = { ...this.options, stopped: this.stopped.signal };
      repaired = await repairedLink(wanted, this.link, this.condition);
    } catch (error) {
      if (!this.stopped.signal.aborted) {
        log.error("kernel is not usable", { role, error: (error as Error).message });
        this.emit("hopeless", error as Error);
      }
      throw error;
    }
    const { link } = repaired;
    this.link = link;
    this.language = repaired.language ?? this.language;
    this.traits = traitsOf(this.language);
    this.condition = "good";
    this.watch(link);
    if (!(await this.prepare(link))) return this.usableLink();
    void controlAnswers(link.socket, CONTROL_PATIENCE_MS).then((does) => {
      this.hasControl = does;
    });
    log.info("kernel is ready", { role, kernel: name, ms: Math.round(performance.now() - started) });
    return link;
  }

  /** Notices a restart, deletion or death between two runs, so that the next run finds a live socket. */
  private watch(link: KernelLink): void {
    link.socket.on("message", ({ header, parent_header, content }: Message) => {
      const isStatus = header.msg_type === "status" && parent_header.msg_id === undefined;
      if (!isStatus && header.msg_type !== "shutdown_reply") return;
      const state = isStatus ? content.execution_state : "restarting";
      const before = this.condition;
      if (before === "good" && (state === "restarting" || state === "starting")) this.condition = "reconnect";
      if (state === "dead") this.condition = "replace";
      if (this.condition !== before) this.start();
    });
  }

  /** Runs the start-up code; false when the kernel has to be repaired before it can be used. */
  private async prepare(link: KernelLink): Promise<boolean> {
    const { well, condition, fatal } = await this.runSteps(link, this.steps);
    this.prepared = well;
    if (fatal === undefined) return true;
    this.condition = condition;
    this.steps.splice(this.steps.indexOf(fatal), 1);
    this.options.log.error(`${fatal.what} is not tried again: the kernel did not survive it`, {
      role: this.options.role,
    });
    return false;
  }

  private runSteps(link: KernelLink, steps: readonly PrepareStep[]): Promise<Preparation> {
    const { server, role, log } = this.options;
    return prepareKernel({ link, server, traits: this.traits }, steps, ({ what, error }) =>
      log.error(what, { role, error }),
    );
  }

  private tellOfMissingSubshells(): void {
    if (this.toldOfMissingSubshells) return;
    this.toldOfMissingSubshells = true;
    this.options.log.warn(
      "the kernel has no subshells (Python's has them from ipykernel 7 on): asynchronous runs wait their turn",
      { role: this.options.role },
    );
  }
}
