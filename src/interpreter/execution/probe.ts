import type { Message } from "../jupyter/messages.js";
import type { KernelChannel } from "./kernel-server.js";
import { KernelServerError } from "./kernel-server.js";

/** What a kernel says of itself. */
export interface KernelInfo {
  /** Features beyond the protocol's core, such as `kernel subshells` (JEP 91). */
  features: string[];
}

/** A question put to a kernel, and what its answer must look like. */
interface Question {
  channel: "shell" | "control";
  type: string;
  content?: Record<string, unknown>;
  /** Also wait until the kernel has said on IOPub that it has dealt with the question. */
  untilIdle: boolean;
}

/**
 * Waits until the kernel has answered a question on the shell channel and has said on IOPub that it is idle:
 * then both channels work, all earlier requests are done, and an interrupt that came late has struck.
 *
 * @throws KernelServerError when it does not within `timeoutMs`
 */
export async function settled(socket: KernelChannel, timeoutMs: number): Promise<KernelInfo> {
  const deadline = performance.now() + timeoutMs;
  for (let patienceMs = 300; performance.now() < deadline; patienceMs = Math.min(patienceMs * 2, 5_000)) {
    // Asked again after a while: a question put to a kernel that is still starting may get lost.
    const reply = await ask(
      socket,
      { channel: "shell", type: "kernel_info_request", untilIdle: true },
      Math.min(patienceMs, deadline - performance.now()),
    );
    if (reply !== undefined) return { features: featuresOf(reply) };
    if (!socket.isOpen) throw new KernelServerError(0, "the kernel ended before it answered");
  }
  throw new KernelServerError(0, `the kernel did not answer within ${timeoutMs / 1000} s`);
}

/**
 * Waits until everything that the kernel has sent so far has arrived: what it sends later comes later. False
 * when it does not answer within `timeoutMs`.
 */
export async function caughtUp(socket: KernelChannel, timeoutMs: number): Promise<boolean> {
  const question: Question = { channel: "shell", type: "kernel_info_request", untilIdle: true };
  return (await ask(socket, question, timeoutMs)) !== undefined;
}

/** Whether the kernel's control thread answers, which it does also while code runs (byoc 7.5). */
export async function controlAnswers(socket: KernelChannel, timeoutMs: number): Promise<boolean> {
  const question: Question = { channel: "control", type: "kernel_info_request", untilIdle: false };
  return (await ask(socket, question, timeoutMs)) !== undefined;
}

/** Content of the reply, or `undefined` when none came in time or the socket was closed. */
export function ask(
  socket: KernelChannel,
  { channel, type, content = {}, untilIdle }: Question,
  timeoutMs: number,
): Promise<Record<string, unknown> | undefined> {
  if (!socket.isOpen) return Promise.resolve(undefined);
  const id = socket.send(channel, type, content);
  return new Promise((resolve) => {
    let reply: Record<string, unknown> | undefined;
    let idle = false;
    const onMessage = (message: Message) => {
      if (message.parent_header.msg_id !== id) return;
      if (message.header.msg_type === "status") idle ||= message.content.execution_state === "idle";
      else if (message.header.msg_type.endsWith("_reply")) reply = message.content;
      if (reply !== undefined && (idle || !untilIdle)) settle(reply);
    };
    const settle = (answer: Record<string, unknown> | undefined) => {
      clearTimeout(timer);
      socket.off("message", onMessage).off("close", onClose);
      socket.forget(id);
      resolve(answer);
    };
    const onClose = () => settle(undefined);
    const timer = setTimeout(() => settle(undefined), Math.max(0, timeoutMs));
    socket.on("message", onMessage).on("close", onClose);
  });
}

function featuresOf(reply: Record<string, unknown>): string[] {
  return Array.isArray(reply.supported_features) ? reply.supported_features.map(String) : [];
}
