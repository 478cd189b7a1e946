import { EventEmitter } from "node:events";
import { v4 as uuid } from "uuid";
import WebSocket from "ws";
import type { ChannelEvents, KernelChannel, SendOptions } from "../execution/kernel-server.js";
import type { JupyterAddress } from "./address.js";
import {
  decodeDefault,
  decodeV1,
  encodeDefault,
  encodeV1,
  LONGEST_STREAM_BYTES,
  V1_PROTOCOL,
} from "./codec.js";
import { type Channel, type Header, request } from "./messages.js";

/** Largest message taken from a kernel. A single value or image beyond it ends the run, not the session. */
const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;

/** One WebSocket to all channels of one kernel (byoc 7.2). */
export class KernelSocket extends EventEmitter<ChannelEvents> implements KernelChannel {
  /** Random for each socket: the same id twice would make the server drop the older socket. */
  readonly session = uuid();
  /** Requests whose answers are wanted, and how much of each message of their output. */
  private readonly interest = new Map<string, number>();

  private constructor(private readonly socket: WebSocket) {
    super();
    this.setMaxListeners(50);
    socket.on("message", (data, isBinary) => this.receive(data as Buffer, isBinary));
    socket.on("close", (code) => this.emit("close", code));
  }

  /** Opens a socket; resolves once the server has heard from the kernel. */
  static open(address: JupyterAddress, kernelId: string, timeoutMs: number): Promise<KernelSocket> {
    const url = `ws+unix:${address.socketPath}:/api/kernels/${kernelId}/channels?session_id=${uuid()}`;
    const socket = new WebSocket(url, [V1_PROTOCOL], {
      headers: { authorization: `token ${address.token}` },
      maxPayload: MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
      handshakeTimeout: timeoutMs,
      skipUTF8Validation: true,
    });
    const kernel = new KernelSocket(socket);
    return new Promise((resolve, reject) => {
      socket.once("open", () => {
        socket.off("error", reject);
        // After opening, an error is always followed by a close, and that is what runs listen to.
        socket.on("error", () => {});
        resolve(kernel);
      });
      socket.once("error", reject);
    });
  }

  send(
    channel: Channel,
    type: string,
    content: Record<string, unknown>,
    { subshellId, streamBytes = LONGEST_STREAM_BYTES }: SendOptions = {},
  ): string {
    const message = request(channel, type, this.session, content, subshellId);
    this.interest.set(message.header.msg_id, streamBytes);
    this.socket.send(this.socket.protocol === V1_PROTOCOL ? encodeV1(message) : encodeDefault(message));
    return message.header.msg_id;
  }

  forget(messageId: string): void {
    this.interest.delete(messageId);
  }

  get isOpen(): boolean {
    return this.socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.socket.terminate();
  }

  private receive(data: Buffer, isBinary: boolean): void {
    try {
      const v1 = this.socket.protocol === V1_PROTOCOL;
      const message = v1 ? decodeV1(data, this.wants, this.streamBytes) : decodeDefault(data, isBinary);
      if (message !== undefined && this.wants(message.header, message.parent_header)) {
        this.emit("message", message);
      }
    } catch {
      // A frame that cannot be read concerns at most one output; the run itself ends by reply and idle.
    }
  }

  /** Answers to our own requests, and what tells of restarts, deletion and death. */
  private readonly wants = (header: Header, parent: Partial<Header>): boolean =>
    header.msg_type === "status" ||
    header.msg_type === "shutdown_reply" ||
    (parent.msg_id !== undefined && this.interest.has(parent.msg_id));

  private readonly streamBytes = (parent: Partial<Header>): number =>
    this.interest.get(parent.msg_id ?? "") ?? LONGEST_STREAM_BYTES;
}
