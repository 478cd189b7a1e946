import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { Endpoint } from "../../runtime/endpoint.js";
import { errorCode, ForwardError } from "./forward-error.js";
import { announcesBody, requestHeaders } from "./headers.js";
import { clientIsGone, type ForwardOutcome } from "./outcome.js";
import { lingerForUpload, relayInterim, relayResponse } from "./response.js";
import { startUpload } from "./upload.js";

/** Room for the header section of an answer; Node's own limit of 16 KiB is less than some programs send. */
export const MAX_HEADER_BYTES = 128 * 1024;

const IDEMPOTENT = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** Where a request goes and what it may carry. */
export interface ForwardOptions {
  endpoint: Endpoint;
  /** Path and query for the container, sent byte for byte. */
  path: string;
  /** Keep the client's `Authorization` outside the container. */
  stripAuthorization: boolean;
  /**
   * Ends the exchange: before an answer as a {@link ForwardError} (`timeout` for `AbortSignal.timeout`,
   * otherwise `aborted`), after it by cutting the client's connection.
   */
  signal?: AbortSignal;
  /**
   * Set when the request came from the server's `checkContinue` event, so that no `100 Continue` has been
   * sent: `Expect` then goes to the container and its 100 comes back. Otherwise the server has answered
   * the expectation and `Expect` is dropped; a second 100 would make some clients send their body twice.
   */
  relayContinue?: boolean;
}

/**
 * Sends a request to a container and streams the answer back unchanged (api-reference 9.1).
 *
 * Resolves when both bodies are over, also when client or container broke off in the middle (see `end`).
 * Rejects with {@link ForwardError} when there was no answer; then nothing of one was written to `res`.
 * The request's body must not have been read before.
 */
export async function forwardRequest(
  req: IncomingMessage,
  res: ServerResponse,
  options: ForwardOptions,
): Promise<ForwardOutcome> {
  const pooled: http.RequestOptions = { agent: options.endpoint.agent };
  try {
    return { ...(await exchange(req, res, options, pooled)), retried: false };
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error;
  }
  // Other idle connections are likely to be as dead as the first, so the second try opens its own.
  const socket = await options.endpoint.connect().catch((error: unknown) => {
    throw ForwardError.from(error);
  });
  return { ...(await exchange(req, res, options, { createConnection: () => socket })), retried: true };
}

/** A kept-alive connection was closed by the container just when it was to be used again. */
class StaleConnection extends Error {}

function exchange(
  req: IncomingMessage,
  res: ServerResponse,
  options: ForwardOptions,
  connection: http.RequestOptions,
): Promise<Omit<ForwardOutcome, "retried">> {
  const { signal, relayContinue = false } = options;
  if (signal?.aborted) return Promise.reject(ForwardError.fromSignal(signal));
  if (clientIsGone(res)) return Promise.resolve({ end: "client-closed", requestBytes: 0, responseBytes: 0 });

  const request = http.request({
    ...connection,
    ...(req.method === undefined ? {} : { method: req.method }),
    path: options.path,
    headers: requestHeaders(req, { stripAuthorization: options.stripAuthorization, relayContinue }),
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  request.setNoDelay(true);

  return new Promise((resolve, reject) => {
    let answered = false;
    let aborted = false;
    const upload = startUpload(req, request);

    const stopListening = (): void => {
      res.off("close", onClientClosed);
      signal?.removeEventListener("abort", onAbort);
    };
    const fail = (error: Error): void => {
      if (answered) return;
      stopListening();
      upload.stop();
      request.destroy();
      lingerForUpload(req, res);
      reject(error);
    };
    const onClientClosed = (): void => {
      stopListening();
      request.destroy();
      resolve({ end: "client-closed", requestBytes: upload.bytes, responseBytes: 0 });
    };
    const onAbort = (): void => {
      aborted = true;
      if (signal !== undefined) fail(ForwardError.fromSignal(signal));
      request.destroy();
      if (answered) res.destroy();
    };

    res.once("close", onClientClosed);
    signal?.addEventListener("abort", onAbort);
    request.on("information", (info) => {
      if (info.statusCode !== 100) relayInterim(info, req, res);
      else if (relayContinue && !res.headersSent) res.writeContinue();
    });
    request.on("error", (error) => {
      fail(isStale(error, request, req) ? new StaleConnection() : ForwardError.from(error));
    });
    request.once("close", () => {
      upload.stop();
      fail(new ForwardError("closed-early"));
    });
    request.once("response", async (answer) => {
      res.off("close", onClientClosed);
      let relayed: ReturnType<typeof relayResponse>;
      try {
        relayed = relayResponse(answer, req, res);
      } catch (error) {
        fail(new ForwardError("protocol", error));
        return;
      }
      answered = true;
      const { end, responseBytes } = await relayed;
      if (end !== "complete") request.destroy();
      await upload.over;
      stopListening();
      resolve({
        ...(answer.statusCode === undefined ? {} : { status: answer.statusCode }),
        end: aborted && end !== "complete" ? "aborted" : end,
        requestBytes: upload.bytes,
        responseBytes,
      });
    });
  });
}

function isStale(error: Error, request: http.ClientRequest, req: IncomingMessage): boolean {
  const closed = ["ECONNRESET", "EPIPE"].includes(errorCode(error));
  return request.reusedSocket && closed && IDEMPOTENT.has(req.method ?? "") && !announcesBody(req);
}
