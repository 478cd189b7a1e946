import http, { type IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ForwardError } from "./forward-error.js";
import { withoutAuthorization } from "./headers.js";
import type { ForwardOutcome } from "./outcome.js";
import { type ForwardOptions, MAX_HEADER_BYTES } from "./request.js";
import { headBytes, relayResponse, sendHeadersNow, statusLine } from "./response.js";
import { joinSockets } from "./tunnel.js";

/** Where an upgrade goes; see {@link ForwardOptions}. */
export type UpgradeOptions = Omit<ForwardOptions, "relayContinue">;

/**
 * A response on the socket of the server's `upgrade` event, for a client that is not upgraded: an error of
 * the emulator, or the container's refusal. The connection ends with it.
 */
export function responseOnSocket(req: IncomingMessage, socket: Socket): ServerResponse {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  // The server has let go of the socket, so nobody else tells the response that it may go on.
  socket.on("drain", () => res.emit("drain"));
  socket.on("error", () => socket.destroy());
  res.once("finish", () => socket.destroySoon());
  return res;
}

/**
 * Passes an upgrade (WebSocket or any other) to a container and joins the two connections when the
 * container agrees. Any other answer is relayed as an ordinary response, after which the connection ends.
 *
 * The request's header section goes over as it came, hop-by-hop fields included, because the container is
 * the one that is asked to switch. Resolves when the tunnel or the response has ended; rejects with
 * {@link ForwardError} when there was no answer: nothing was written then, and {@link responseOnSocket}
 * can carry an error of the caller's.
 */
export async function forwardUpgrade(
  req: IncomingMessage,
  client: Duplex,
  head: Buffer,
  options: UpgradeOptions,
): Promise<ForwardOutcome> {
  const { signal } = options;
  // `close` tells all that matters; without a listener an `error` would end the process.
  client.on("error", () => {});
  if (signal?.aborted) throw ForwardError.fromSignal(signal);
  const container = await options.endpoint.connect().catch((error: unknown) => {
    throw ForwardError.from(error);
  });
  container.on("error", () => {});
  // Whoever ends its half of the conversation may still be answered on the other.
  container.allowHalfOpen = true;
  container.setNoDelay(true);
  req.socket.setNoDelay(true);

  let requestBytes = head.length;
  const count = (chunk: Buffer): void => {
    requestBytes += chunk.length;
  };
  const reply = await askContainer(req, client, head, container, options, count);
  if (reply === undefined) return { end: "client-closed", requestBytes, responseBytes: 0, retried: false };

  const { answer, rest } = reply;
  const status = answer.statusCode === undefined ? {} : { status: answer.statusCode };
  let aborted = false;
  const onAbort = (): void => {
    aborted = true;
    client.destroy();
    container.destroy();
  };
  signal?.addEventListener("abort", onAbort);
  try {
    if (rest === undefined) {
      const relayed = await relayResponse(answer, req, responseOnSocket(req, req.socket));
      container.destroy();
      return { ...status, ...relayed, ...(aborted ? { end: "aborted" } : {}), requestBytes, retried: false };
    }
    client.write(headBytes(statusLine(answer), answer.rawHeaders));
    const { end, responseBytes } = await joinSockets(client, container, rest);
    return { ...status, end: aborted ? "aborted" : end, requestBytes, responseBytes, retried: false };
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The container's answer; with `rest`, the first bytes behind it, when the container switched. */
interface Reply {
  answer: IncomingMessage;
  rest?: Buffer;
}

/**
 * Sends the upgrade and waits for the answer's header section. What the client sends meanwhile goes over
 * as raw bytes, be it a body or the first words of the new protocol. Undefined when the client left.
 */
function askContainer(
  req: IncomingMessage,
  client: Duplex,
  head: Buffer,
  container: Socket,
  options: UpgradeOptions,
  count: (chunk: Buffer) => void,
): Promise<Reply | undefined> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    let settled = false;
    const settle = (): void => {
      settled = true;
      client.off("close", onClientClosed);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: ForwardError): void => {
      if (settled) return;
      settle();
      client.unpipe(container);
      container.destroy();
      reject(error);
    };
    const onClientClosed = (): void => {
      settle();
      container.destroy();
      resolve(undefined);
    };
    const onAbort = (): void => {
      if (signal !== undefined) fail(ForwardError.fromSignal(signal));
    };
    const succeed = (reply: Reply): void => {
      settle();
      resolve(reply);
    };

    if (client.destroyed) return onClientClosed();
    client.once("close", onClientClosed);
    signal?.addEventListener("abort", onAbort);
    const request = http.request({
      createConnection: () => container,
      ...(req.method === undefined ? {} : { method: req.method }),
      path: options.path,
      headers: withoutAuthorization(req.rawHeaders, options.stripAuthorization),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    request.on("error", (error) => fail(ForwardError.from(error)));
    request.once("close", () => fail(new ForwardError("closed-early")));
    request.on("information", (info) => {
      client.write(headBytes(statusLine(info), info.rawHeaders));
    });
    request.once("upgrade", (answer, _socket, rest) => succeed({ answer, rest }));
    request.once("response", (answer) => succeed({ answer }));
    request.once("socket", () => {
      // The header section is written right after this event; only then may other bytes follow.
      process.nextTick(() => {
        if (head.length > 0) container.write(head);
        // Listening starts the flow, so whatever listens must be there together with the pipe.
        client.on("data", count);
        client.pipe(container);
      });
    });
    // The request is never ended: what follows its header section is not Node's to frame.
    sendHeadersNow(request);
  });
}
