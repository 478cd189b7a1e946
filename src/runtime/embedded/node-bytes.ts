import fs from "node:fs/promises";

/** A second heap, machine code, WebAssembly's tables, the stacks of threads. */
const BESIDE_BYTES = 768 * 2 ** 20;

/**
 * Bytes of data that the kernel counts for a process of this Node that does nothing yet, and what comes on top in a
 * session. Some versions set aside a gigabyte at once that nobody uses, so this process is taken as the measure.
 */
export async function nodeBytes(): Promise<number> {
  const status = await fs.readFile("/proc/self/status", "utf8").catch(() => "");
  const kibibytes = /^VmData:\s*(\d+)/m.exec(status)?.[1] ?? "0";
  return Number(kibibytes) * 1024 + BESIDE_BYTES;
}
