import { EventEmitter } from "node:events";
import { v4 as uuid } from "uuid";
import type { ChannelEvents, KernelChannel, SendOptions } from "../execution/kernel-server.js";
import { type Channel, type Message, request } from "../jupyter/messages.js";

/** As a WebSocket says it when nobody said goodbye. */
const CLOSED_ABNORMALLY = 1006;

/** A connection to a kernel in a thread. Like a socket, it hears only the answers to its own requests. */
export class ThreadChannel extends EventEmitter<ChannelEvents> implements KernelChannel {
  private readonly session = uuid();
  private readonly wanted = new Set<string>();
  private open = true;

  /** @param post hands a request to the kernel */
  constructor(private readonly post: (request: Message) => void) {
    super();
    this.setMaxListeners(50);
  }

  send(
    channel: Channel,
    type: string,
    content: Record<string, unknown>,
    { subshellId }: SendOptions = {},
  ): string {
    const message = request(channel, type, this.session, content, subshellId);
    this.wanted.add(message.header.msg_id);
    this.post(message);
    return message.header.msg_id;
  }

  forget(messageId: string): void {
    this.wanted.delete(messageId);
  }

  /** Takes a message of the kernel; what nobody here asked for is not told, unless it concerns the kernel itself. */
  deliver(message: Message): void {
    if (!this.open) return;
    const parent = message.parent_header.msg_id;
    if (parent === undefined || this.wanted.has(parent)) this.emit("message", message);
  }

  get isOpen(): boolean {
    return this.open;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.emit("close", CLOSED_ABNORMALLY);
  }
}
