const BLOCK = 512;
/** Offsets in a header (POSIX pax, "ustar"). */
const SIZE = { at: 124, length: 12 };
const TYPE_AT = 156;

/** The contents of the first plain file of a tar archive; undefined when it holds none. */
export function firstFileOfTar(tar: Buffer): Buffer | undefined {
  for (let at = 0; at + BLOCK <= tar.length; ) {
    const header = tar.subarray(at, at + BLOCK);
    const size = Number.parseInt(header.toString("latin1", SIZE.at, SIZE.at + SIZE.length), 8) || 0;
    const type = header.toString("latin1", TYPE_AT, TYPE_AT + 1);
    if (header.every((byte) => byte === 0)) return undefined;
    if (type === "0" || type === "\0") return tar.subarray(at + BLOCK, at + BLOCK + size);
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}
