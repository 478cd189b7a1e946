import { type ClientRequest, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { type FlatHeaders, headerPairs, responseHeaders } from "./headers.js";
import type { ForwardEnd } from "./outcome.js";

const NOTHING = Buffer.alloc(0);

/**
 * Sends the header section now. `flushHeaders()` would do so too, but it encodes as UTF-8 what Node holds
 * as Latin-1 and so damages bytes above 0x7F, such as a file name in `Content-Disposition`.
 */
export function sendHeadersNow(message: ServerResponse | ClientRequest): void {
  message.write(NOTHING);
}

/** The bytes of a status line and header section, names and values as they came. */
export function headBytes(startLine: string, headers: FlatHeaders): Buffer {
  const lines = headerPairs(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${startLine}\r\n${lines.join("")}\r\n`, "latin1");
}

/** A status line; an empty reason phrase stays empty. */
export function statusLine(answer: { statusCode?: number; statusMessage?: string }): string {
  const status = answer.statusCode ?? 0;
  return `HTTP/1.1 ${status} ${answer.statusMessage ?? STATUS_CODES[status] ?? ""}`;
}

/**
 * Passes an interim answer (102, 103, …) on. It goes to the socket directly, because `ServerResponse` knows
 * only some of them and not their raw header fields. HTTP/1.0 clients do not know interim answers.
 */
export function relayInterim(
  info: { statusCode: number; statusMessage: string; rawHeaders: FlatHeaders },
  req: IncomingMessage,
  res: ServerResponse,
): void {
  if (res.headersSent || req.httpVersion === "1.0") return;
  res.socket?.write(headBytes(statusLine(info), info.rawHeaders));
}

/**
 * Keeps the client's connection open until its upload has been read, although it asked for `close`. Closing
 * under a client that still sends would reset the connection, and the client might lose its answer.
 */
export function lingerForUpload(req: IncomingMessage, res: ServerResponse): void {
  if (req.complete || res.headersSent || res.shouldKeepAlive || req.httpVersion === "1.0") return;
  res.shouldKeepAlive = true;
  const close = (): void => req.socket.destroySoon();
  req.once("end", () => {
    if (res.writableFinished) close();
    else res.once("finish", close);
  });
}

/**
 * Streams the container's answer to the client: each piece as it comes, no faster than the client reads,
 * trailers last. Fields set on `res` before are dropped. Resolves when the client's side is over and never
 * rejects; throws at once, with nothing written, when status or fields cannot be written as HTTP.
 */
export function relayResponse(
  answer: IncomingMessage,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<{ end: ForwardEnd; responseBytes: number }> {
  for (const name of res.getHeaderNames()) res.removeHeader(name);
  res.sendDate = false;
  lingerForUpload(req, res);
  res.writeHead(answer.statusCode ?? 0, answer.statusMessage ?? "", responseHeaders(answer, req));
  req.socket.setNoDelay(true);
  sendHeadersNow(res);

  return new Promise((resolve) => {
    let responseBytes = 0;
    let brokenOff = false;
    answer.on("data", (chunk: Buffer) => {
      responseBytes += chunk.length;
    });
    answer.pipe(res, { end: false });
    answer.once("end", () => {
      if (answer.rawTrailers.length > 0) res.addTrailers(headerPairs(answer.rawTrailers));
      res.end();
    });
    answer.on("error", () => {});
    answer.once("close", () => {
      if (answer.readableEnded || res.writableEnded) return;
      brokenOff = true;
      cutConnection(req, res);
    });
    res.on("error", () => {});
    res.once("close", () => {
      const end = res.writableFinished ? "complete" : brokenOff ? "container-closed" : "client-closed";
      answer.destroy();
      resolve({ end, responseBytes });
    });
  });
}

/**
 * Ends the client's connection so that it notices that the answer is not whole: bytes already written are
 * delivered, the end of the message is not. A client of HTTP/1.0 takes a closed connection for a proper end,
 * so its connection is reset.
 */
function cutConnection(req: IncomingMessage, res: ServerResponse): void {
  const socket = res.socket;
  if (socket === null || socket === undefined) {
    res.destroy();
  } else if (req.httpVersion !== "1.0" || "encrypted" in socket) {
    socket.destroySoon();
  } else {
    try {
      socket.resetAndDestroy();
    } catch {
      // Only TCP connections can be reset.
      socket.destroy();
    }
  }
}
