import http from "node:http";
import https from "node:https";
import type net from "node:net";
import type { SecureContext } from "node:tls";
import type { App } from "./http/app.js";
import { isOptionalUpgrade, serveWithoutUpgrade } from "./http/forward/index.js";
import type { CertificateAuthority } from "./tls/certificate-authority.js";

/** Servers that share one port. */
export interface Listening {
  port: number;
  /** Stops accepting and cuts every connection. */
  close(): Promise<void>;
}

/** What is served where. */
export interface ListenOptions {
  app: App;
  /** Asked at the first connection that speaks TLS. */
  certificates(): Promise<CertificateAuthority>;
  host: string;
  port: number;
}

/** Longest head of a request, for clients that send large tokens. */
const MAX_HEADER_BYTES = 64 * 1024;
/** A connection that says nothing at all; both protocols have limits of their own from the first byte on. */
const SILENT_MS = 120_000;
/** What a TLS connection begins with: a record of the handshake. No method of HTTP does. */
const TLS_HANDSHAKE = 22;

/**
 * Listens on `host`, for http and https on one port; for a loopback address on both loopbacks, since runtimes differ
 * in what they take `localhost` for. The second is a convenience: where it cannot be had, the first is enough.
 * @throws Error of `node:net` when `host` and `port` cannot be listened on
 */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { host } = options;
  const doors = new Doors(options);
  const first = doors.open();
  await bind(first, host, options.port);
  const address = first.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  const servers = [first];
  const other = { "127.0.0.1": "::1", "::1": "127.0.0.1" }[host];
  if (other) {
    const second = doors.open();
    await bind(second, other, port).then(
      () => servers.push(second),
      () => undefined,
    );
  }
  return {
    port,
    close: async () => {
      const closed = servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve())));
      doors.cut();
      await Promise.all(closed);
    },
  };
}

/** Hands each connection to the server that speaks its language. */
class Doors {
  private secure: Promise<https.Server> | undefined;
  private readonly connections = new Set<net.Socket>();

  constructor(private readonly options: Pick<ListenOptions, "app" | "certificates">) {}

  /** A server for one address; plain http is its own, TLS goes to the one that all doors share. */
  open(): http.Server {
    const server = this.serving(http.createServer({ ...HTTP_OPTIONS }, this.options.app.handler));
    const serve = server.listeners("connection");
    server.removeAllListeners("connection");
    server.on("connection", (socket: net.Socket) => {
      this.admit(socket, () => {
        for (const listener of serve) listener.call(server, socket);
      });
    });
    return server;
  }

  cut(): void {
    for (const socket of this.connections) socket.destroy();
  }

  private admit(socket: net.Socket, serve: () => void): void {
    this.connections.add(socket);
    socket.once("close", () => this.connections.delete(socket));
    const giveUp = () => socket.destroy();
    socket.on("error", giveUp);
    socket.once("end", giveUp);
    socket.setTimeout(SILENT_MS, giveUp);
    const look = async () => {
      const head: Buffer | null = socket.read(1);
      if (head === null) {
        socket.once("readable", look);
        return;
      }
      socket.unshift(head);
      socket.setTimeout(0);
      socket.off("timeout", giveUp);
      const secure = head[0] === TLS_HANDSHAKE ? await this.securely().catch(giveUp) : undefined;
      if (socket.destroyed) return;
      socket.off("error", giveUp);
      socket.off("end", giveUp);
      if (secure) secure.emit("connection", socket);
      else serve();
    };
    socket.once("readable", look);
  }

  private securely(): Promise<https.Server> {
    this.secure ??= this.options.certificates().then((authority) => {
      const SNICallback = (name: string, done: (error: null, context: SecureContext) => void) =>
        done(null, authority.contextFor(name));
      const options = { ...HTTP_OPTIONS, ...authority.serverFor(), SNICallback };
      return this.serving(https.createServer(options, this.options.app.handler));
    });
    return this.secure;
  }

  private serving<Server extends http.Server | https.Server>(server: Server): Server {
    // Uploads and streams may take as long as they need; an idle session is the pool's business.
    server.requestTimeout = 0;
    server.timeout = 0;
    server.on("upgrade", (req, socket, head) => {
      // Java's HttpClient offers HTTP/2 with every request and is content with an ordinary answer.
      if (isOptionalUpgrade(req)) serveWithoutUpgrade(server, req, head);
      else this.options.app.upgrade(req, socket, head);
    });
    return server;
  }
}

const HTTP_OPTIONS = { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 65_000 } as const;

function bind(server: net.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
