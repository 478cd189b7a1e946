import type net from "node:net";
import { openSocket } from "../../endpoint.js";

/** What leads to a running gate. It changes whenever the gate is started. */
export interface GateAddress {
  host: string;
  port: number;
  /** What a caller shows the gate. */
  callerSecret: string;
  /** What the gate shows a caller: a stranger that has got the port of a gate that is gone learns nothing. */
  gateSecret: string;
}

/** Characters of each secret. */
export const SECRET_LENGTH = 64;

const ANSWER_WITHIN_MS = 10_000;

/** Nobody answered, or not the gate. */
export class GateLostError extends Error {
  override readonly name = "GateLostError";
}

/** What a gate said. */
export interface GateAnswer {
  /** One character, as images/relay/gate.c has them. */
  word: string;
  /** After `+` to `open`: the socket that was asked for. */
  socket: net.Socket;
}

/**
 * Connects to a gate and gives it an order.
 * @throws GateLostError when the gate is gone
 */
export function callGate(
  address: GateAddress,
  order: string,
  withinMs = ANSWER_WITHIN_MS,
): Promise<GateAnswer> {
  const { host, port, callerSecret, gateSecret } = address;
  return new Promise((resolve, reject) => {
    const socket = openSocket({ host, port });
    const lost = (why: string) => {
      settle();
      socket.on("error", () => undefined);
      socket.destroy();
      reject(new GateLostError(`the gate at ${host}:${port} ${why}`));
    };
    const onReadable = () => {
      // Exactly that much: what follows is the session's.
      const answer: Buffer | null = socket.read(SECRET_LENGTH + 1);
      if (answer === null) return;
      const text = answer.toString("latin1");
      if (text.slice(0, SECRET_LENGTH) !== gateSecret) return lost("is somebody else");
      settle();
      resolve({ word: text.slice(SECRET_LENGTH), socket });
    };
    const onError = (error: Error) => lost(`does not answer: ${error.message}`);
    const onEnd = () => lost("hung up");
    const timer = setTimeout(() => lost(`said nothing for ${withinMs / 1000} s`), withinMs);
    const settle = () => {
      clearTimeout(timer);
      socket.off("readable", onReadable).off("error", onError).off("end", onEnd).off("close", onEnd);
    };
    socket.on("readable", onReadable).on("error", onError).on("end", onEnd).on("close", onEnd);
    socket.write(`${callerSecret} ${order}\n`);
  });
}
