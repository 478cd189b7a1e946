import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { type Address, pathnameOf, queryOf } from "./address.js";
import type { AppContext } from "./app-context.js";
import type { RequestFacts } from "./request-facts.js";
import type { ServedPool } from "./served-pool.js";

/** One request to one pool, with all that answering it needs. */
export interface Exchange {
  context: AppContext;
  served: ServedPool;
  req: IncomingMessage;
  res: ServerResponse;
  facts: RequestFacts;
  /** Raw path with query, after the pool's prefix. */
  path: string;
  /** Raw path without query, after the pool's prefix. */
  pathname: string;
  query: URLSearchParams;
  /** The pool's absolute URL as this caller addressed it, without a trailing slash. */
  poolUrl: string;
}

/** Puts an exchange together. */
export function exchangeOf(
  parts: Pick<Exchange, "context" | "served" | "req" | "res" | "facts">,
  address: Address,
): Exchange {
  const host = parts.req.headers.host ?? `localhost:${parts.context.port()}`;
  const { path } = address;
  return {
    ...parts,
    path,
    pathname: pathnameOf(path),
    query: queryOf(path),
    poolUrl: `${isSecure(parts.req) ? "https" : "http"}://${host}${address.prefix}`,
  };
}

/** True for a request that came over TLS. */
function isSecure({ socket }: IncomingMessage): boolean {
  return socket instanceof TLSSocket;
}
