import os from "node:os";
import type Docker from "dockerode";

/** The machine in one sentence; no names and no date. */
export async function describeMachine(docker: Docker): Promise<string> {
  const cpus = os.cpus();
  const { Version } = await docker.version();
  const gib = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus.length} × ${cpus[0]?.model.trim() ?? "unknown CPU"}, ${gib} GiB, ${os.type()} ${os.machine()}, Node ${process.versions.node}, Docker ${Version}`;
}
