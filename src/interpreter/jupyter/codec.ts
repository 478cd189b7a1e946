import type { Header, Message } from "./messages.js";

/** Sub-protocol with binary frames; spares the server a parse and a serialisation per message (byoc 7.2). */
export const V1_PROTOCOL = "v1.kernel.websocket.jupyter.org";

/** A frame that is no Jupyter message. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * v1: 64-bit little-endian count, that many offsets, then channel, header, parent header, metadata, content
 * and buffers; the last offset is the frame's length (byoc 7.2).
 */
export function encodeV1(message: Message): Buffer {
  const parts = [
    Buffer.from(message.channel),
    ...[message.header, message.parent_header, message.metadata, message.content].map((part) =>
      Buffer.from(JSON.stringify(part)),
    ),
  ];
  const count = parts.length + 1;
  const head = Buffer.alloc(8 * (count + 1));
  head.writeBigUInt64LE(BigInt(count), 0);
  let offset = head.length;
  for (const [index, part] of [...parts, Buffer.alloc(0)].entries()) {
    head.writeBigUInt64LE(BigInt(offset), 8 * (index + 1));
    offset += part.length;
  }
  return Buffer.concat([head, ...parts], offset);
}

/**
 * Reads a v1 frame. `wanted` sees the headers first: content of a message nobody wants is not parsed.
 *
 * @param streamBytes how much of a stream's message is read, by the request that it belongs to
 * @returns the message, or `undefined` when unwanted
 * @throws FrameError for bytes that are no v1 frame
 */
export function decodeV1(
  frame: Buffer,
  wanted: (header: Header, parent: Partial<Header>) => boolean = () => true,
  streamBytes: (parent: Partial<Header>) => number = () => LONGEST_STREAM_BYTES,
): Message | undefined {
  const offsets = offsetsOf(frame, 8, (at) => Number(frame.readBigUInt64LE(at)));
  const json = (index: number) => parse(slice(frame, offsets, index)) as never;
  if (offsets.length < 6) throw new FrameError(`frame has ${offsets.length} offsets, needs 6`);
  const header: Header = json(1);
  const parent_header: Partial<Header> = json(2);
  if (!wanted(header, parent_header)) return undefined;
  return {
    channel: slice(frame, offsets, 0).toString(),
    header,
    parent_header,
    metadata: json(3),
    content: boundedContent(header.msg_type, slice(frame, offsets, 4), streamBytes(parent_header)),
  };
}

/** Output in one message of which only the beginning is read; nobody asks for streams this long. */
export const LONGEST_STREAM_BYTES = 16 * 1024 * 1024;
/** Largest other content taken; a value or picture beyond it would exhaust this process's memory. */
const LARGEST_CONTENT_BYTES = 64 * 1024 * 1024;

/**
 * Content of a message in bounded memory: one `print` may make a message of hundreds of megabytes (byoc 7.6).
 * Content that is too large is replaced by `{oversizedBytes}`.
 */
function boundedContent(type: string, content: Buffer, streamBytes: number): Record<string, unknown> {
  if (type === "stream" && content.length > streamBytes) return streamStart(content, streamBytes);
  if (content.length > LARGEST_CONTENT_BYTES) return { oversizedBytes: content.length };
  return parse(content) as Record<string, unknown>;
}

/** The beginning of a stream's text, without decoding the rest. */
function streamStart(content: Buffer, bytes: number): Record<string, unknown> {
  const head = content.subarray(0, bytes).toString("utf8");
  const start = /"text"\s*:\s*"/.exec(head);
  if (start === null) throw new FrameError("stream has no text");
  const body = withoutHalfCharacter(head.slice(start.index + start[0].length));
  const around = head.slice(0, start.index) + content.subarray(-256).toString("latin1");
  const name = /"name"\s*:\s*"stderr"/.test(around) ? "stderr" : "stdout";
  return { name, text: JSON.parse(`"${body}"`) as string };
}

/** Cut JSON string text without a UTF-8 sequence or an escape that the cut has split. */
function withoutHalfCharacter(text: string): string {
  const characters = text.replace(/\ufffd+$/, "");
  const slashes = /(\\+)(?:u[0-9a-fA-F]{0,3})?$/.exec(characters);
  const count = slashes?.[1]?.length ?? 0;
  return slashes === null || count % 2 === 0 ? characters : characters.slice(0, slashes.index + count - 1);
}

/** The default protocol as the server really speaks it: JSON text, or with buffers a big-endian binary frame. */
export function decodeDefault(frame: Buffer, isBinary: boolean): Message {
  if (!isBinary) return parse(frame) as Message;
  const offsets = offsetsOf(frame, 4, (at) => frame.readUInt32BE(at));
  return parse(slice(frame, [...offsets, frame.length], 0)) as Message;
}

/** The default protocol for a message without buffers. */
export function encodeDefault(message: Message): string {
  return JSON.stringify({ ...message, buffers: [] });
}

function offsetsOf(frame: Buffer, width: number, read: (at: number) => number): number[] {
  if (frame.length < width) throw new FrameError("frame is too short");
  const count = read(0);
  if (!(count > 0) || frame.length < width * (count + 1))
    throw new FrameError(`frame cannot hold ${count} offsets`);
  return Array.from({ length: count }, (_, index) => read(width * (index + 1)));
}

function slice(frame: Buffer, offsets: number[], index: number): Buffer {
  const start = offsets[index];
  const end = offsets[index + 1];
  if (start === undefined || end === undefined || start > end || end > frame.length) {
    throw new FrameError(`part ${index} lies outside the frame`);
  }
  return frame.subarray(start, end);
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    throw new FrameError("part is not JSON");
  }
}
