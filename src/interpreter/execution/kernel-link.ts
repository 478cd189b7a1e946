import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.js";
import { type KernelChannel, type KernelServer, KernelServerError } from "./kernel-server.js";
import { type KernelInfo, settled } from "./probe.js";

/** How long a kernel may take to answer after its process has been started; R and .NET are slow (byoc 7.9). */
const START_TIMEOUT_MS = 60_000;
const SERVER_POLL_MS = 15;
const EXISTENCE_CHECK_MS = 500;

/** A kernel that is up, with the socket to it. */
export interface KernelLink {
  readonly kernelId: string;
  readonly socket: KernelChannel;
  readonly info: KernelInfo;
}

/** The image does not have the kernel it names. Waiting does not help. */
export class UnknownKernelError extends Error {
  override readonly name = "UnknownKernelError";
}

/** Waits for the kernel server, however long it takes: it is started beside the interpreter. */
export async function serverUp(server: KernelServer, log: Log, stopped: AbortSignal): Promise<void> {
  const started = performance.now();
  let warnedAt = started;
  while (!(await server.isUp())) {
    stopped.throwIfAborted();
    if (performance.now() - warnedAt > 30_000) {
      warnedAt = performance.now();
      log.warn("still waiting for the kernel server", { place: server.place });
    }
    await sleep(SERVER_POLL_MS, undefined, { signal: stopped });
  }
  log.info("kernel server is up", { waitedMs: Math.round(performance.now() - started) });
}

/**
 * The language of an installed kernelspec.
 *
 * @throws UnknownKernelError naming what is installed
 */
export async function kernelLanguage(server: KernelServer, name: string): Promise<string> {
  const specs = await server.kernelSpecs();
  const spec = specs[name];
  if (spec !== undefined) return spec.spec.language;
  const installed = Object.keys(specs).join(", ") || "none";
  throw new UnknownKernelError(
    `No kernelspec named '${name}' is installed (installed: ${installed}). ` +
      "Set 'spec.kernel.name' and CODE_INTERPRETER_KERNEL_NAME to an installed one, or install it in the image.",
  );
}

/** Starts a kernel and connects to it. */
export async function startLink(server: KernelServer, name: string): Promise<KernelLink> {
  const { id } = await server.startKernel(name);
  return connect(server, id);
}

/** Restarts the kernel behind a link, which loses all its state, and connects anew. */
export async function restartLink(server: KernelServer, link: KernelLink): Promise<KernelLink> {
  link.socket.close();
  await server.restart(link.kernelId);
  return connect(server, link.kernelId);
}

/**
 * Connects to a kernel that has just been started or restarted. An old socket would survive a restart, but
 * output sent before the server has subscribed again would be lost on it.
 *
 * @throws KernelServerError also when the kernel is gone, which the server would not say for a minute
 */
export async function connect(server: KernelServer, kernelId: string): Promise<KernelLink> {
  const opening = server.open(kernelId, START_TIMEOUT_MS);
  const watching = new AbortController();
  try {
    const socket = await Promise.race([opening, untilGone(server, kernelId, watching.signal)]);
    const info = await Promise.race([
      settled(socket, START_TIMEOUT_MS),
      untilGone(server, kernelId, watching.signal),
    ]);
    return { kernelId, socket, info };
  } catch (error) {
    opening.then((socket) => socket.close()).catch(() => {});
    throw error;
  } finally {
    watching.abort();
  }
}

/** Rejects once the server says that the kernel does not exist; else it never ends, until it is stopped. */
async function untilGone(server: KernelServer, kernelId: string, stopped: AbortSignal): Promise<never> {
  while (!stopped.aborted) {
    await sleep(EXISTENCE_CHECK_MS);
    if (!stopped.aborted && !(await server.hasKernel(kernelId))) {
      throw new KernelServerError(404, `kernel ${kernelId} does not exist any more`);
    }
  }
  return new Promise<never>(() => {});
}

/**
 * One more socket to the same kernel, for one run alone. Opening it takes a few milliseconds, whether or not
 * the kernel is busy.
 */
export async function ownLink(server: KernelServer, link: KernelLink): Promise<KernelLink> {
  return { ...link, socket: await server.open(link.kernelId, START_TIMEOUT_MS) };
}
