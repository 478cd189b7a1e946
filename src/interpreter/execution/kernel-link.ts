import { setTimeout as sleep } from "node:timers/promises";
import { JupyterError, type JupyterRest } from "../jupyter/rest.js";
import { KernelSocket } from "../jupyter/socket.js";
import type { Log } from "../log.js";
import { type KernelInfo, settled } from "./probe.js";

/** How long a kernel may take to answer after its process has been started; R and .NET are slow (byoc 7.9). */
const START_TIMEOUT_MS = 60_000;
const SERVER_POLL_MS = 15;
const EXISTENCE_CHECK_MS = 500;

/** A kernel that is up, with the socket to it. */
export interface KernelLink {
  readonly kernelId: string;
  readonly socket: KernelSocket;
  readonly info: KernelInfo;
}

/** The image does not have the kernel it names. Waiting does not help. */
export class UnknownKernelError extends Error {
  override readonly name = "UnknownKernelError";
}

/** Waits for the Jupyter server, however long it takes: it is started beside the interpreter. */
export async function serverUp(rest: JupyterRest, log: Log, stopped: AbortSignal): Promise<void> {
  const started = performance.now();
  let warnedAt = started;
  while (!(await rest.isUp())) {
    stopped.throwIfAborted();
    if (performance.now() - warnedAt > 30_000) {
      warnedAt = performance.now();
      log.warn("still waiting for the Jupyter server", { socket: rest.address.socketPath });
    }
    await sleep(SERVER_POLL_MS, undefined, { signal: stopped });
  }
  log.info("Jupyter server is up", { waitedMs: Math.round(performance.now() - started) });
}

/**
 * The language of an installed kernelspec.
 *
 * @throws UnknownKernelError naming what is installed
 */
export async function kernelLanguage(rest: JupyterRest, name: string): Promise<string> {
  const specs = await rest.kernelSpecs();
  const spec = specs[name];
  if (spec !== undefined) return spec.spec.language;
  const installed = Object.keys(specs).join(", ") || "none";
  throw new UnknownKernelError(
    `No kernelspec named '${name}' is installed (installed: ${installed}). ` +
      "Set 'spec.kernel.name' and CODE_INTERPRETER_KERNEL_NAME to an installed one, or install it in the image.",
  );
}

/** Starts a kernel and connects to it. */
export async function startLink(rest: JupyterRest, name: string): Promise<KernelLink> {
  const { id } = await rest.startKernel(name);
  return connect(rest, id);
}

/** Restarts the kernel behind a link, which loses all its state, and connects anew. */
export async function restartLink(rest: JupyterRest, link: KernelLink): Promise<KernelLink> {
  link.socket.close();
  await rest.restart(link.kernelId);
  return connect(rest, link.kernelId);
}

/**
 * Connects to a kernel that has just been started or restarted. An old socket would survive a restart, but
 * output sent before the server has subscribed again would be lost on it.
 *
 * @throws JupyterError also when the kernel is gone, which the server would not say for a minute
 */
export async function connect(rest: JupyterRest, kernelId: string): Promise<KernelLink> {
  const opening = KernelSocket.open(rest.address, kernelId, START_TIMEOUT_MS);
  const watching = new AbortController();
  try {
    const socket = await Promise.race([opening, untilGone(rest, kernelId, watching.signal)]);
    const info = await Promise.race([
      settled(socket, START_TIMEOUT_MS),
      untilGone(rest, kernelId, watching.signal),
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
async function untilGone(rest: JupyterRest, kernelId: string, stopped: AbortSignal): Promise<never> {
  while (!stopped.aborted) {
    await sleep(EXISTENCE_CHECK_MS);
    if (!stopped.aborted && !(await rest.hasKernel(kernelId))) {
      throw new JupyterError(404, `kernel ${kernelId} does not exist any more`);
    }
  }
  return new Promise<never>(() => {});
}

/**
 * One more socket to the same kernel, for one run alone. Opening it takes a few milliseconds, whether or not
 * the kernel is busy.
 */
export async function ownLink(rest: JupyterRest, link: KernelLink): Promise<KernelLink> {
  return { ...link, socket: await KernelSocket.open(rest.address, link.kernelId, START_TIMEOUT_MS) };
}
