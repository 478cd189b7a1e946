import type { ClientRequest, IncomingMessage } from "node:http";
import { announcesBody, headerPairs } from "./headers.js";
import { sendHeadersNow } from "./response.js";

/** The client's body on its way to the container. */
export interface Upload {
  /** Body bytes read from the client so far. */
  readonly bytes: number;
  /** Resolves when the body is passed on, given up or cut off. */
  readonly over: Promise<void>;
  /** Gives the rest of the body up: it is read and dropped, so that the client gets to read its answer. */
  stop(): void;
}

/** Sends the header section at once, then streams the body no faster than the container takes it. */
export function startUpload(req: IncomingMessage, request: ClientRequest): Upload {
  if (!announcesBody(req)) {
    request.end();
    return { bytes: 0, over: Promise.resolve(), stop: () => {} };
  }
  let bytes = 0;
  let isOver = false;
  let settle = (): void => {};
  const over = new Promise<void>((resolve) => {
    settle = () => {
      isOver = true;
      resolve();
    };
  });
  sendHeadersNow(request);
  req.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
  });
  req.on("error", () => {});
  req.pipe(request, { end: false });
  req.once("end", () => {
    if (!isOver && !request.destroyed) {
      if (req.rawTrailers.length > 0) request.addTrailers(headerPairs(req.rawTrailers));
      request.end();
    }
    settle();
  });
  req.once("close", () => {
    if (!req.complete) request.destroy();
    settle();
  });
  return {
    get bytes() {
      return bytes;
    },
    over,
    stop: () => {
      if (isOver) return;
      req.unpipe(request);
      req.resume();
      settle();
    },
  };
}
