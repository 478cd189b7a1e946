import type { EventEmitter } from "node:events";
import type { Channel, Message } from "../jupyter/messages.js";

/** One installed kernelspec, as far as it matters here. */
export interface KernelSpec {
  name: string;
  spec: { language: string };
}

/** One kernel as its server describes it. */
export interface KernelModel {
  id: string;
  name: string;
  /** `starting`, `idle`, `busy`, … */
  execution_state: string;
}

/** A kernel server refused a call (`status` as in HTTP) or cannot be reached (`status` 0). */
export class KernelServerError extends Error {
  override readonly name: string = "KernelServerError";
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What has kernels: a Jupyter server (byoc 7.1), or threads of this process. */
export interface KernelServer {
  /** Where it is, for log lines. */
  readonly place: string;
  /** Whether it answers at all. Never throws. */
  isUp(): Promise<boolean>;
  kernelSpecs(): Promise<Record<string, KernelSpec>>;
  /** Returns before the kernel is ready. */
  startKernel(name: string): Promise<KernelModel>;
  kernel(id: string): Promise<KernelModel>;
  /** False only when the server says so; a server that does not answer has not said anything. */
  hasKernel(id: string): Promise<boolean>;
  /** Only asks the running code to stop; the kernel may ignore it. */
  interrupt(id: string): Promise<void>;
  /** Resolves when there is a new kernel in place of the old one. */
  restart(id: string): Promise<void>;
  delete(id: string): Promise<void>;
  /** Connects to a kernel. */
  open(id: string, timeoutMs: number): Promise<KernelChannel>;
  close(): void;
}

/** How a request is sent and its answers are read. */
export interface SendOptions {
  /** Thread of the kernel that it is for (JEP 91). */
  subshellId?: string | undefined;
  /** How much is read of each message of output, where messages come as bytes. */
  streamBytes?: number;
}

/** What a channel tells. */
export interface ChannelEvents {
  message: [Message];
  /** The connection is gone; `code` as for WebSockets. */
  close: [code: number];
}

/** A connection to all channels of one kernel (byoc 7.2). */
export interface KernelChannel extends EventEmitter<ChannelEvents> {
  /** Sends a request; its answers come as `message` events from now on. Returns the message id. */
  send(channel: Channel, type: string, content: Record<string, unknown>, options?: SendOptions): string;
  /** Stops delivering answers to a request: late output must not reach anybody. */
  forget(messageId: string): void;
  readonly isOpen: boolean;
  close(): void;
}
