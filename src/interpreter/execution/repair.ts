import type { Log } from "../log.js";
import { connect, type KernelLink, kernelLanguage, restartLink, serverUp, startLink } from "./kernel-link.js";
import type { KernelServer } from "./kernel-server.js";
import type { KernelCondition } from "./run-watch.js";

/** Which kernel is wanted, and when to give up waiting for it. */
export interface WantedKernel {
  server: KernelServer;
  /** Kernelspec name. */
  name: string;
  /** What the kernel is for, in log lines. */
  role: string;
  log: Log;
  stopped: AbortSignal;
}

/** A link that works; `language` is known for a new kernel only. */
export interface Repaired {
  link: KernelLink;
  language: string | undefined;
}

/**
 * The ladder's upper rungs: reconnect, else restart, else a new kernel (byoc 7.5).
 *
 * @throws UnknownKernelError, KernelServerError when there is no kernel to be had
 */
export async function repairedLink(
  wanted: WantedKernel,
  old: KernelLink | undefined,
  condition: KernelCondition,
): Promise<Repaired> {
  const { server } = wanted;
  old?.socket.close();
  if (old !== undefined && condition !== "replace") {
    const again = condition === "restart" ? restartLink(server, old) : connect(server, old.kernelId);
    const link = await again.catch((error: unknown) => tell(wanted, "kernel did not come back", error));
    if (link !== undefined) return { link, language: undefined };
  }
  if (old !== undefined) await server.delete(old.kernelId).catch(() => {});
  return fresh(wanted);
}

async function fresh(wanted: WantedKernel): Promise<Repaired> {
  const { server, name, log, stopped } = wanted;
  await serverUp(server, log, stopped);
  const language = await kernelLanguage(server, name);
  try {
    return { link: await startLink(server, name), language };
  } catch (error) {
    if (stopped.aborted) throw error;
    tell(wanted, "kernel did not start, trying once more", error);
    return { link: await startLink(server, name), language };
  }
}

function tell({ log, role }: WantedKernel, what: string, error: unknown): undefined {
  log.warn(what, { role, error: error instanceof Error ? error.message : String(error) });
  return undefined;
}
