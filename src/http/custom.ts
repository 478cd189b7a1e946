import type { Duplex } from "node:stream";
import type { Endpoint } from "../runtime/endpoint.js";
import { requireCustomIdentifier } from "../service/identifier.js";
import { ServiceError } from "../service/service-error.js";
import type { Exchange } from "./exchange.js";
import { ForwardError, type ForwardOutcome, forwardRequest, forwardUpgrade } from "./forward/index.js";
import { acquireLease } from "./lease.js";

/**
 * Forwards a request of a custom container pool into the session of its identifier, byte for byte
 * (api-reference 9.1). The session is in use until the last byte has gone.
 */
export function forwardToSession(exchange: Exchange): Promise<void> {
  const { req, res, path, served } = exchange;
  const stripAuthorization = !served.config.forwardAuthorization;
  return withSession(exchange, (endpoint) =>
    forwardRequest(req, res, { endpoint, path, stripAuthorization }),
  );
}

/** The same for a WebSocket or any other upgrade: an open tunnel keeps the session in use. */
export function upgradeToSession(exchange: Exchange, socket: Duplex, head: Buffer): Promise<void> {
  const { req, path, served } = exchange;
  const stripAuthorization = !served.config.forwardAuthorization;
  return withSession(exchange, (endpoint) =>
    forwardUpgrade(req, socket, head, { endpoint, path, stripAuthorization }),
  );
}

async function withSession(
  { served, query, facts }: Exchange,
  forward: (endpoint: Endpoint) => Promise<ForwardOutcome>,
): Promise<void> {
  const identifier = requireCustomIdentifier(query);
  const lease = await acquireLease(served, identifier, facts);
  try {
    const { status, end, requestBytes, responseBytes } = await forward(lease.instance.endpoint);
    Object.assign(facts, { status, requestBytes, responseBytes });
    if (end !== "complete") facts.end = end;
  } catch (error) {
    if (!(error instanceof ForwardError)) throw error;
    if (error.kind === "refused" || error.kind === "closed-early") await lease.gaveNoAnswer();
    const cause = error.message;
    throw new ServiceError("customContainerFailed", { identifier, pool: served.config.name, cause });
  } finally {
    lease.release();
  }
}
