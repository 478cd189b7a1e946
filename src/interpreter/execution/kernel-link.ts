import { setTimeout as sleep } from "node:timers/promises";
import type { Message } from "../jupyter/messages.js";
import { JupyterError, type JupyterRest } from "../jupyter/rest.js";
import { KernelSocket } from "../jupyter/socket.js";
import type { Log } from "../log.js";

/** How long a kernel may take to answer after its process has been started; R and .NET are slow (byoc 7.9). */
const START_TIMEOUT_MS = 60_000;
const SERVER_POLL_MS = 15;

/** A kernel that is up, with the socket to it. */
export interface KernelLink {
  readonly kernelId: string;
  readonly socket: KernelSocket;
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
 * Connects to a kernel that has just been restarted by the server or by us. An old socket would survive, but
 * output sent before the server has subscribed again would be lost on it.
 */
export async function connect(rest: JupyterRest, kernelId: string): Promise<KernelLink> {
  const socket = await KernelSocket.open(rest.address, kernelId, START_TIMEOUT_MS);
  try {
    await settled(socket, START_TIMEOUT_MS);
    return { kernelId, socket };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Waits until the kernel has answered a question on the shell channel and has said on IOPub that it is idle:
 * then both channels work, all earlier requests are done, and an interrupt that came late has struck.
 */
export async function settled(socket: KernelSocket, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let patienceMs = 300; performance.now() < deadline; patienceMs = Math.min(patienceMs * 2, 5_000)) {
    const both = answered(socket, "shell", (message, seen) => {
      seen.add(message.header.msg_type === "status" ? String(message.content.execution_state) : "reply");
      return seen.has("reply") && seen.has("idle");
    });
    // Asked again after a while: a question put to a kernel that is still starting may get lost.
    if (await within(both, Math.min(patienceMs, deadline - performance.now()))) return;
    if (!socket.isOpen) break;
  }
  throw new JupyterError(0, `the kernel did not answer within ${timeoutMs / 1000} s`);
}

/** Whether the kernel's control thread answers, which it does also while code runs (byoc 7.5). */
export function controlAnswers(socket: KernelSocket, timeoutMs: number): Promise<boolean> {
  return within(
    answered(socket, "control", (message) => message.header.msg_type === "kernel_info_reply"),
    timeoutMs,
  );
}

interface Answer {
  promise: Promise<void>;
  cancel(): void;
}

function answered(
  socket: KernelSocket,
  channel: "shell" | "control",
  isAnswer: (message: Message, seen: Set<string>) => boolean,
): Answer {
  const id = socket.send(channel, "kernel_info_request", {});
  const seen = new Set<string>();
  let cancel = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    const onMessage = (message: Message) => {
      if (message.parent_header.msg_id === id && isAnswer(message, seen)) settle(resolve);
    };
    const onClose = () => settle(reject);
    const settle = (end: () => void) => {
      socket.off("message", onMessage).off("close", onClose);
      socket.forget(id);
      end();
    };
    cancel = () => settle(reject);
    socket.on("message", onMessage).on("close", onClose);
  });
  return { promise, cancel };
}

async function within(answer: Answer, timeoutMs: number): Promise<boolean> {
  const timer = setTimeout(() => answer.cancel(), Math.max(0, timeoutMs));
  return answer.promise
    .then(
      () => true,
      () => false,
    )
    .finally(() => clearTimeout(timer));
}
