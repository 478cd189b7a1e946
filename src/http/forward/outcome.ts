import type { ServerResponse } from "node:http";

/** How a forwarded exchange came to its end. */
export type ForwardEnd =
  /** The client has the whole answer, or the tunnel ended in good order. */
  | "complete"
  /** The client went away first; the request to the container was dropped. */
  | "client-closed"
  /** The container broke off in the middle of its answer; the client's connection was cut as well. */
  | "container-closed"
  /** The caller's signal ended it after the answer had begun. */
  | "aborted";

/** What a forwarded exchange amounts to, for the log line. */
export interface ForwardOutcome {
  /** Status that the container answered; absent when the client left before there was one. */
  status?: number;
  end: ForwardEnd;
  /** Body bytes read from the client (tunnel: bytes after the request's header section). */
  requestBytes: number;
  /** Body bytes read from the container (tunnel: bytes after the 101 answer). */
  responseBytes: number;
  /** True when a kept-alive connection turned out to be dead and the request was sent once more. */
  retried: boolean;
}

/** True when nobody is left to read an answer. */
export function clientIsGone(res: ServerResponse): boolean {
  return res.destroyed || res.closed || res.socket?.destroyed === true;
}
