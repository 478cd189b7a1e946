import type { KernelLink } from "./kernel-link.js";
import { KernelServerError } from "./kernel-server.js";
import { ask } from "./probe.js";

/** How the feature is announced in `supported_features` (JEP 91; ipykernel 7 and later). */
const FEATURE = "kernel subshells";
const PATIENCE_MS = 10_000;

/** Whether the kernel can run code in a thread of its own beside what it is running. */
export function hasSubshells(link: KernelLink): boolean {
  return link.info.features.includes(FEATURE);
}

/** Creates one; its id goes into the header of the requests meant for it. */
export async function createSubshell({ socket }: KernelLink): Promise<string> {
  const reply = await ask(
    socket,
    { channel: "control", type: "create_subshell_request", untilIdle: false },
    PATIENCE_MS,
  );
  if (typeof reply?.subshell_id === "string") return reply.subshell_id;
  throw new KernelServerError(0, `no subshell: ${String(reply?.evalue ?? "the kernel did not answer")}`);
}

/** Ends one that has nothing left to do: for one that is busy, the kernel's control thread would wait. */
export async function deleteSubshell({ socket }: KernelLink, id: string): Promise<void> {
  const content = { subshell_id: id };
  await ask(
    socket,
    { channel: "control", type: "delete_subshell_request", content, untilIdle: false },
    PATIENCE_MS,
  );
}
