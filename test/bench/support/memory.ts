import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Resident memory of a process alone, or of its children together, in MiB. */
export async function residentMiB(pid: number, { childrenOnly = false } = {}): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([own, parent]) => (childrenOnly ? parent : own) === pid);
  if (processes.length === 0) throw new Error(`no process ${childrenOnly ? "has the parent" : "is"} ${pid}`);
  return processes.reduce((sum, [, , kib]) => sum + (kib ?? 0), 0) / 2 ** 10;
}
