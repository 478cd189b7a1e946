/**
 * One output stream of a command: keeps its first `limit` bytes and forgets the rest as it arrives. The cut is
 * silent and leaves no half character, so that at most three bytes fewer than the limit are kept (clients 2.4).
 */
export class CappedOutput {
  private readonly parts: Buffer[] = [];
  private size = 0;
  private cut = false;

  /** @param limit bytes */
  constructor(private readonly limit: number) {}

  append(chunk: Buffer): void {
    const room = this.limit - this.size;
    this.cut ||= chunk.length > room;
    if (room <= 0) return;
    // A copy, because a slice would keep the whole chunk in memory.
    const kept = chunk.length > room ? Buffer.from(chunk.subarray(0, room)) : chunk;
    this.parts.push(kept);
    this.size += kept.length;
  }

  /** Bytes that are no UTF-8 become U+FFFD: an answer is JSON. */
  toString(): string {
    const bytes = Buffer.concat(this.parts);
    return (this.cut ? withoutHalfCharacter(bytes) : bytes).toString("utf8");
  }
}

/** Leaves out the beginning of a UTF-8 character at the end, if it was cut there. */
function withoutHalfCharacter(bytes: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? bytes.subarray(0, bytes.length - back) : bytes;
    }
    if (byte < 0x80) break;
  }
  return bytes;
}
