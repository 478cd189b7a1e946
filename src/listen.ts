import http from "node:http";
import type { App } from "./http/app.js";
import { isOptionalUpgrade, serveWithoutUpgrade } from "./http/forward/index.js";

/** Servers that share one port. */
export interface Listening {
  port: number;
  /** Stops accepting and cuts every connection. */
  close(): Promise<void>;
}

/** Longest head of a request, for clients that send large tokens. */
const MAX_HEADER_BYTES = 64 * 1024;

/**
 * Listens on `host`; for a loopback address on both loopbacks, since runtimes differ in what they take
 * `localhost` for. The second is a convenience: where it cannot be had, the first is enough.
 * @throws Error of `node:net` when `host` and `port` cannot be listened on
 */
export async function listen(app: App, host: string, port: number): Promise<Listening> {
  const first = createServer(app);
  await bind(first, host, port);
  const address = first.address();
  const actualPort = typeof address === "object" && address ? address.port : port;
  const servers = [first];
  const other = { "127.0.0.1": "::1", "::1": "127.0.0.1" }[host];
  if (other) {
    const second = createServer(app);
    await bind(second, other, actualPort).then(
      () => servers.push(second),
      () => undefined,
    );
  }
  return {
    port: actualPort,
    close: async () => {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

function createServer(app: App): http.Server {
  const server = http.createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 65_000 },
    app.handler,
  );
  // Uploads and streams may take as long as they need; an idle session is the pool's business.
  server.requestTimeout = 0;
  server.timeout = 0;
  server.on("upgrade", (req, socket, head) => {
    // Java's HttpClient offers HTTP/2 with every request and is content with an ordinary answer.
    if (isOptionalUpgrade(req)) serveWithoutUpgrade(server, req, head);
    else app.upgrade(req, socket, head);
  });
  return server;
}

function bind(server: http.Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
