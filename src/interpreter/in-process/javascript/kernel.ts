import { Script } from "node:vm";
import { v4 as uuid } from "uuid";
import type { Channel, Header, Message } from "../../jupyter/messages.js";
import { rewriteCell } from "./cell.js";
import { bundleOf } from "./inspect.js";
import type { Output } from "./output.js";
import { describeThrown, Interrupted, type Thrown } from "./thrown.js";

/** How often a run that waits for something looks whether it should stop. */
const LOOK_FOR_INTERRUPT_MS = 25;

/** What a kernel talks through. */
export interface KernelPorts {
  send(message: Message): void;
  output: Output;
  /** True once after somebody has asked the running code to stop. */
  takeInterrupt(): boolean;
}

/** A Jupyter kernel for JavaScript and TypeScript in this thread (protocol 5.3); one run after the other. */
export class JavaScriptKernel {
  private readonly session = uuid();
  private count = 0;
  private parent: Header | Record<string, never> = {};
  private turn: Promise<void> = Promise.resolve();
  private readonly setInterval = globalThis.setInterval;
  private readonly clearInterval = globalThis.clearInterval;

  constructor(private readonly ports: KernelPorts) {}

  /** Says that the kernel is there. */
  start(): void {
    this.send("iopub", "status", { execution_state: "starting" });
  }

  /** Takes a request; requests are answered in the order of their arrival. */
  take(request: Message): void {
    this.turn = this.turn.then(() => this.answer(request)).catch(() => undefined);
  }

  /** What the user's code writes belongs to the run that was asked for last. */
  written(name: string, text: string): void {
    this.send("iopub", "stream", { name, text });
  }

  private async answer(request: Message): Promise<void> {
    this.parent = request.header;
    const channel = request.channel === "control" ? "control" : "shell";
    this.send("iopub", "status", { execution_state: "busy" });
    const reply = request.header.msg_type.replace(/_request$/, "_reply");
    this.send(channel, reply, await this.contentFor(request));
    this.send("iopub", "status", { execution_state: "idle" });
  }

  private async contentFor({ header, content }: Message): Promise<Record<string, unknown>> {
    switch (header.msg_type) {
      case "kernel_info_request":
        return kernelInfo();
      case "execute_request":
        return this.execute(content);
      case "is_complete_request":
        return { status: "unknown" };
      default:
        return { status: "ok" };
    }
  }

  private async execute(content: Record<string, unknown>): Promise<Record<string, unknown>> {
    const silent = content.silent === true;
    if (!silent && content.store_history !== false) this.count += 1;
    this.ports.takeInterrupt();
    try {
      const { value } = await this.run(String(content.code ?? ""));
      this.ports.output.flush();
      if (value !== undefined && !silent) {
        const data = await bundleOf(value);
        this.send("iopub", "execute_result", { execution_count: this.count, data, metadata: {} });
      }
      return { status: "ok", execution_count: this.count, payload: [], user_expressions: {} };
    } catch (error) {
      const thrown: Thrown = describeThrown(error);
      this.ports.output.flush();
      this.send("iopub", "error", { ...thrown });
      return { status: "error", execution_count: this.count, ...thrown };
    }
  }

  /** The value in a box: a promise that a run has as its value is shown and not waited for, as in Deno's kernel. */
  private async run(source: string): Promise<{ value: unknown }> {
    const { code, isAsync } = rewriteCell(source);
    const options = { filename: "<cell>", displayErrors: false };
    const result: unknown = new Script(code, options).runInThisContext(options);
    if (!isAsync) return { value: result };
    return (
      (await this.orInterrupt(result as Promise<{ value: unknown } | undefined>)) ?? { value: undefined }
    );
  }

  /** Waits for code that waits; what it began goes on when it is stopped, but nobody waits for it any more. */
  private orInterrupt<T>(running: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.setInterval(() => {
        if (this.ports.takeInterrupt()) reject(new Interrupted("the code was stopped"));
      }, LOOK_FOR_INTERRUPT_MS);
      const done = () => this.clearInterval(timer);
      running.then(resolve, reject).finally(done);
      running.catch(() => undefined);
    });
  }

  private send(channel: Channel, type: string, content: Record<string, unknown>): void {
    const header: Header = {
      msg_id: uuid(),
      msg_type: type,
      session: this.session,
      username: "kernel",
      date: new Date().toISOString(),
      version: "5.3",
    };
    this.ports.send({ channel, header, parent_header: this.parent, metadata: {}, content });
  }
}

function kernelInfo(): Record<string, unknown> {
  return {
    status: "ok",
    protocol_version: "5.3",
    implementation: "in-process",
    implementation_version: process.version,
    language_info: {
      name: "typescript",
      version: process.version,
      mimetype: "text/x.typescript",
      file_extension: ".ts",
    },
    banner: "JavaScript and TypeScript on Node.js",
    help_links: [],
    supported_features: [],
  };
}
