import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { promisify } from "node:util";

/**
 * Something that tells a process from a later one with the same number: when it was started. Undefined when there is
 * no such process.
 */
export async function processMark(pid: number): Promise<string | undefined> {
  try {
    if (process.platform === "linux") {
      const stat = await fs.readFile(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const boot = await fs.readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
      return `${boot.trim()} ${fields[19]}`;
    }
    const { stdout } = await promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
