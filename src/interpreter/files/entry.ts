import type { BigIntStats } from "node:fs";
import { contentTypeOf, OCTET_STREAM } from "./content-type.js";

/** One file or directory, independent of any body shape. */
export interface FileEntry {
  name: string;
  type: "file" | "directory";
  sizeInBytes: number;
  /** RFC 3339 in UTC with nine digits of a second. */
  lastModifiedAt: string;
  contentType: string;
  /** Parent directory relative to the data directory; `.` is the data directory. */
  directory: string;
}

export function entryOf(name: string, directory: string, stats: BigIntStats): FileEntry {
  const isDirectory = stats.isDirectory();
  return {
    name,
    type: isDirectory ? "directory" : "file",
    sizeInBytes: Number(stats.size),
    lastModifiedAt: rfc3339(stats.mtimeNs),
    contentType: isDirectory ? OCTET_STREAM : contentTypeOf(name),
    directory,
  };
}

/** Nanoseconds since 1970 as RFC 3339. */
export function rfc3339(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const fraction = ((nanoseconds % second) + second) % second;
  const whole = new Date(Number((nanoseconds - fraction) / 1_000_000n)).toISOString();
  return `${whole.slice(0, 19)}.${String(fraction).padStart(9, "0")}Z`;
}
