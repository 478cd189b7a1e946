import { Worker } from "node:worker_threads";
import { KernelServerError } from "../execution/kernel-server.js";
import { type Message, request } from "../jupyter/messages.js";
import { ThreadChannel } from "./thread-channel.js";
import type { FromKernel, KernelWorkerData, ToKernel } from "./worker-protocol.js";

/** JavaScript's own memory in a kernel's thread; what the user's code may take of it comes on top. */
const THREAD_HEAP_MB = 192;
const MEBIBYTE = 1024 * 1024;
const SIGINT = 2;

/** What a kernel's thread is made from. */
export interface ThreadOrder {
  /** Bundle of the kernel. */
  program: string;
  /** Everything that the thread is told except the interrupt, of which each thread has its own. */
  data: Omit<KernelWorkerData, "interrupt">;
  /** Told why a thread has ended that nobody ended. */
  onEnded?: (reason: string) => void;
}

/** One kernel: the thread it runs in, started again when it ends by itself, as a Jupyter server does. */
export class ThreadKernel {
  private readonly channels = new Set<ThreadChannel>();
  private interruptByte = new Int32Array(new SharedArrayBuffer(4));
  private worker: Worker;
  /** What the kernel said last of itself; `dead` when it will never be of use. */
  private state = "starting";
  private reason = "";

  constructor(private readonly order: ThreadOrder) {
    this.worker = this.start();
  }

  get executionState(): string {
    return this.state;
  }

  /** @throws KernelServerError when the kernel is of no use any more, with the reason */
  connect(): ThreadChannel {
    if (this.state === "dead") throw new KernelServerError(404, `the kernel cannot start: ${this.reason}`);
    const channel = new ThreadChannel((message) => this.post(message));
    this.channels.add(channel);
    channel.once("close", () => this.channels.delete(channel));
    return channel;
  }

  interrupt(): void {
    Atomics.store(this.interruptByte, 0, SIGINT);
    Atomics.notify(this.interruptByte, 0);
  }

  async restart(): Promise<void> {
    await this.end();
    this.tell("restarting");
    this.worker = this.start();
  }

  async end(): Promise<void> {
    this.worker.removeAllListeners();
    await this.worker.terminate();
  }

  /** Ends the kernel for good; those who wait for it hear of it. */
  async remove(): Promise<void> {
    this.state = "dead";
    for (const channel of [...this.channels]) channel.close();
    await this.end();
  }

  private start(): Worker {
    this.state = "starting";
    this.interruptByte = new Int32Array(new SharedArrayBuffer(4));
    const { program, data } = this.order;
    const interrupt = this.interruptByte.buffer as SharedArrayBuffer;
    const worker = new Worker(program, {
      workerData: { ...data, interrupt } satisfies KernelWorkerData,
      env: {},
      stdin: false,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MB + Math.ceil(data.memoryBytes / MEBIBYTE) },
    });
    worker.on("message", (said: FromKernel) => this.hear(said));
    worker.on("error", (error: Error) => {
      this.reason = error.message;
    });
    worker.on("exit", (code) => this.ended(code));
    return worker;
  }

  private post(message: Message): void {
    // A thread that runs the user's code hears nothing else; that it exists is all a control channel could say.
    if (message.channel === "shell") this.worker.postMessage({ request: message } satisfies ToKernel);
  }

  private hear(said: FromKernel): void {
    if ("hopeless" in said) {
      this.reason = said.hopeless;
      this.worker.removeAllListeners();
      void this.worker.terminate();
      this.die();
      return;
    }
    const { message } = said;
    if (message.header.msg_type === "status") this.state = String(message.content.execution_state);
    for (const channel of [...this.channels]) channel.deliver(message);
  }

  /** A thread that ended before it was of any use would end again. */
  private ended(code: number): void {
    if (this.state === "starting") {
      this.reason ||= `its thread ended with code ${code}`;
      this.die();
      return;
    }
    this.order.onEnded?.(this.reason || `its thread ended with code ${code}`);
    this.tell("restarting");
    this.worker = this.start();
  }

  private die(): void {
    this.order.onEnded?.(this.reason);
    this.tell("dead");
    this.state = "dead";
    for (const channel of [...this.channels]) channel.close();
  }

  /** A status without a parent, as a server tells of its kernels. */
  private tell(executionState: string): void {
    const status = request("iopub", "status", "", { execution_state: executionState });
    for (const channel of [...this.channels]) channel.deliver(status);
  }
}
