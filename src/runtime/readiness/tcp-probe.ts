import type { Endpoint } from "../endpoint.js";
import type { ProbeOutcome } from "./outcome.js";

/** A relay accepts first and closes at once when nobody listens behind it; an open port stays open this long. */
const STAYS_OPEN_MS = 100;

/** One `tcpSocket` try. */
export async function probeTcp(endpoint: Endpoint, timeoutMs: number): Promise<ProbeOutcome> {
  let socket: Awaited<ReturnType<Endpoint["connect"]>>;
  try {
    socket = await endpoint.connect();
  } catch {
    return { kind: "refused" };
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => done({ kind: "open" }), Math.min(STAYS_OPEN_MS, timeoutMs));
    const done = (outcome: ProbeOutcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.once("data", () => done({ kind: "open" }));
    socket.once("close", () => done({ kind: "refused" }));
    socket.once("error", () => done({ kind: "refused" }));
  });
}
