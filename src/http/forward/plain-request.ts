import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { headerPairs } from "./headers.js";
import { headBytes } from "./response.js";

/** Fields that ask for an upgrade; `Connection` is written anew. */
const UPGRADE_FIELDS = new Set(["connection", "upgrade", "http2-settings"]);

/** True for an upgrade that a server may simply not take up (RFC 9110 7.8), such as HTTP/2 in clear text. */
export function isOptionalUpgrade(req: IncomingMessage): boolean {
  return (req.headers.upgrade ?? "").trim().toLowerCase() === "h2c";
}

/**
 * Serves a request that asked for an upgrade as if it had not: the server reads it again, body included, and
 * emits `request`. Java's `HttpClient`, for one, adds `Upgrade: h2c` to every request of its own accord, and
 * Node hands all of them to the server's `upgrade` event once that has a listener.
 */
export function serveWithoutUpgrade(server: Server, req: IncomingMessage, head: Buffer): void {
  const socket: Socket = req.socket;
  const fields = headerPairs(req.rawHeaders).filter(([name]) => !UPGRADE_FIELDS.has(name.toLowerCase()));
  const close = /(^|[\s,])close($|[\s,])/i.test(req.headers.connection ?? "");
  if (close) fields.push(["Connection", "close"]);
  const startLine = `${req.method} ${req.url} HTTP/${req.httpVersion}`;
  socket.unshift(Buffer.concat([headBytes(startLine, fields.flat()), head]));
  // What an https server calls a connection is one that has not spoken TLS yet.
  server.emit(socket instanceof TLSSocket ? "secureConnection" : "connection", socket);
}
