import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installer } from "./sources.js";

/** Ends a file that was written whole, followed by the snapshot's length in bytes. */
const END = Buffer.from("snapshot", "latin1");
const FOOTER_BYTES = END.length + 8;

/** Where a snapshot of the started Python belongs that fits this Node, this Python and this kernel. */
export function snapshotFile(folder: string, pyodideFolder: string): string {
  const made = createHash("sha256")
    .update(process.version)
    .update(readFileSync(join(pyodideFolder, "package.json")))
    .update(installer());
  return join(folder, `python-${made.digest("hex").slice(0, 16)}.snapshot`);
}

/** Writes a snapshot. Who looks meanwhile finds the whole file or none. */
export function writeSnapshot(folder: string, file: string, snapshot: Uint8Array): void {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(snapshot.length));
  mkdirSync(folder, { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, Buffer.concat([snapshot, END, length]));
  renameSync(unfinished, file);
}

/** A snapshot; `undefined` when there is none, or only part of one. */
export function readSnapshot(file: string): Uint8Array<ArrayBuffer> | undefined {
  if (!existsSync(file)) return undefined;
  const whole = readFileSync(file);
  const length = whole.length - FOOTER_BYTES;
  const isWhole =
    length > 0 &&
    whole.subarray(length, length + END.length).equals(END) &&
    whole.readBigUInt64LE(length + END.length) === BigInt(length);
  return isWhole ? whole.subarray(0, length) : undefined;
}
