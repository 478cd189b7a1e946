import type { IncomingMessage } from "node:http";

/**
 * Fields that speak about one connection only (RFC 9110 7.6.1). `Transfer-Encoding` and `TE` are of that
 * kind too but are decided separately: the codings of a body that is passed on undecoded stay named.
 */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "proxy-connection", "upgrade"]);

/** Listing one of these in `Connection` must not change how the message is framed or addressed. */
const NEVER_BY_LISTING = new Set(["content-length", "transfer-encoding", "host"]);

/** Methods for which `node:http` does not announce a chunked body by itself. */
const NO_BODY_BY_DEFAULT = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/** Name, value, name, value, … as in `IncomingMessage.rawHeaders`. */
export type FlatHeaders = readonly string[];

/** True when the message announces a body of more than zero bytes. */
export function announcesBody(message: IncomingMessage): boolean {
  if (message.headers["transfer-encoding"] !== undefined) return true;
  const length = message.headers["content-length"];
  return length !== undefined && Number(length) !== 0;
}

/** Turns name, value, name, value, … into pairs; order and duplicates stay. */
export function headerPairs(flat: FlatHeaders): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) pairs.push([flat[i] ?? "", flat[i + 1] ?? ""]);
  return pairs;
}

/** Everything but `Authorization` when that is to stay outside the container. */
export function withoutAuthorization(flat: FlatHeaders, strip: boolean): string[] {
  return headerPairs(flat)
    .filter(([name]) => !strip || name.toLowerCase() !== "authorization")
    .flat();
}

/**
 * What a container receives: the client's fields in their order, spelling and number, less those that
 * belong to the client's own connection. `Host` stays (api-reference 9.1: the request reaches the
 * container unchanged).
 */
export function requestHeaders(
  req: IncomingMessage,
  options: { stripAuthorization: boolean; relayContinue: boolean },
): string[] {
  const dropped = connectionFields(req);
  const chunked = req.headers["transfer-encoding"] !== undefined;
  const headers: string[] = [];
  for (const [name, value] of headerPairs(withoutAuthorization(req.rawHeaders, options.stripAuthorization))) {
    const key = name.toLowerCase();
    if (key === "te") {
      // Trailers are carried across, and some servers send them only to those who say that they want them.
      if (/(^|[\s,])trailers($|[\s,;])/i.test(value)) headers.push(name, "trailers");
      continue;
    }
    if (dropped.has(key)) continue;
    if (key === "expect" && !options.relayContinue) continue;
    if (key === "trailer" && !chunked) continue;
    if (key === "content-length" && chunked) continue;
    headers.push(name, value);
  }
  const framed = chunked || req.headers["content-length"] !== undefined;
  // Without this node:http would announce a chunked body for a POST that has none.
  if (!framed && !NO_BODY_BY_DEFAULT.has(req.method ?? "GET")) headers.push("Content-Length", "0");
  return headers;
}

/** What the client receives: the container's fields, less those of the container's own connection. */
export function responseHeaders(answer: IncomingMessage, client: IncomingMessage): string[] {
  const dropped = connectionFields(answer);
  const codings = answer.headers["transfer-encoding"];
  const mayChunk = client.httpVersionMajor > 1 || client.httpVersionMinor >= 1;
  const bodyless = answer.statusCode === 204 || answer.statusCode === 304;
  const chunked = codings !== undefined && mayChunk && !bodyless;
  const headers: string[] = [];
  for (const [name, value] of headerPairs(answer.rawHeaders)) {
    const key = name.toLowerCase();
    if (key === "te" || dropped.has(key)) continue;
    if (key === "transfer-encoding" && !chunked) continue;
    if (key === "trailer" && !chunked) continue;
    if (key === "content-length" && codings !== undefined) continue;
    headers.push(name, value);
  }
  // A coded body that ends with the connection gets an end of its own towards the client.
  if (chunked && !/(^|[\s,])chunked\s*$/i.test(codings)) headers.push("Transfer-Encoding", "chunked");
  return headers;
}

function connectionFields(message: IncomingMessage): Set<string> {
  const fields = new Set(HOP_BY_HOP);
  for (const token of (message.headers.connection ?? "").split(",")) {
    const name = token.trim().toLowerCase();
    if (name !== "" && !NEVER_BY_LISTING.has(name)) fields.add(name);
  }
  return fields;
}
