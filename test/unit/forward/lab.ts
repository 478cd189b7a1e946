import { mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import net, { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  ForwardError,
  type ForwardOutcome,
  forwardRequest,
  forwardUpgrade,
  responseOnSocket,
} from "../../../src/http/forward/index.js";
import { type Endpoint, type SocketAddress, socketEndpoint } from "../../../src/runtime/endpoint.js";

/** A server that stands for the container, on a unix socket unless told otherwise. */
export async function listen(server: net.Server, over: "unix" | "tcp" = "unix"): Promise<SocketAddress> {
  const open = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => open.delete(socket));
  });
  if (over === "tcp") {
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  } else {
    const folder = mkdtempSync(join(tmpdir(), "forward-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    await new Promise<void>((done) => server.listen(join(folder, "s"), done));
  }
  onTestFinished(async () => {
    const closed = new Promise((done) => server.close(done));
    for (const socket of open) socket.destroy();
    await closed;
  });
  const address = server.address();
  if (typeof address === "string") return { path: address };
  return { host: "127.0.0.1", port: (address as AddressInfo).port };
}

/** A container whose program is an ordinary HTTP server. */
export async function container(
  program: RequestListener,
  over: "unix" | "tcp" = "unix",
): Promise<{ endpoint: Endpoint; server: http.Server }> {
  const server = http.createServer({ requestTimeout: 0 }, program);
  return { endpoint: endpointTo(await listen(server, over)), server };
}

/** A container whose program speaks in raw bytes. */
export async function rawContainer(
  program: (socket: net.Socket, connection: number) => void,
  over: "unix" | "tcp" = "unix",
): Promise<Endpoint> {
  let connections = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    connections += 1;
    program(socket, connections);
  });
  return endpointTo(await listen(server, over));
}

/** An endpoint that is closed when the test is over. */
export function endpointTo(address: SocketAddress): Endpoint {
  const endpoint = socketEndpoint(address);
  onTestFinished(() => endpoint.close());
  return endpoint;
}

export interface TestProxy {
  host: string;
  port: number;
  url: string;
  server: http.Server;
  /** Results in the order in which exchanges ended. */
  outcomes: (ForwardOutcome | ForwardError)[];
  /** The next result that has not been taken yet. */
  next(): Promise<ForwardOutcome | ForwardError>;
}

export interface ProxyOptions {
  stripAuthorization?: boolean;
  signal?: AbortSignal;
  endToEndContinue?: boolean;
  prepare?(res: ServerResponse): void;
  /** What an upgrade waits for before it is forwarded, as it does for a session. */
  allocate?(): Promise<void>;
}

/** The emulator's side: forwards everything to one endpoint and renders errors as `502 <kind>`. */
export async function proxyTo(endpoint: Endpoint, options: ProxyOptions = {}): Promise<TestProxy> {
  const outcomes: TestProxy["outcomes"] = [];
  const waiting: ((result: ForwardOutcome | ForwardError) => void)[] = [];
  let taken = 0;
  const record = (result: ForwardOutcome | ForwardError): void => {
    outcomes.push(result);
    while (waiting.length > 0 && taken < outcomes.length) {
      const result = outcomes[taken];
      taken += 1;
      if (result !== undefined) waiting.shift()?.(result);
    }
  };
  const settle = async (run: Promise<ForwardOutcome>, res: () => ServerResponse): Promise<void> => {
    try {
      record(await run);
    } catch (error) {
      if (!(error instanceof ForwardError)) throw error;
      res().writeHead(502, { "content-type": "text/plain" }).end(error.kind);
      record(error);
    }
  };
  const common = (req: IncomingMessage) => ({
    endpoint,
    path: req.url ?? "/",
    stripAuthorization: options.stripAuthorization ?? true,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const server = http.createServer({ requestTimeout: 0 });
  server.on("request", (req, res) => {
    options.prepare?.(res);
    void settle(forwardRequest(req, res, common(req)), () => res);
  });
  if (options.endToEndContinue) {
    server.on("checkContinue", (req, res) => {
      void settle(forwardRequest(req, res, { ...common(req), relayContinue: true }), () => res);
    });
  }
  server.on("upgrade", (req, socket, head) => {
    const forward = async (): Promise<ForwardOutcome> => {
      await options.allocate?.();
      return forwardUpgrade(req, socket, head, common(req));
    };
    void settle(forward(), () => responseOnSocket(req, req.socket));
  });
  await listen(server, "tcp");
  const port = (server.address() as AddressInfo).port;
  return {
    host: "127.0.0.1",
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    outcomes,
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        const result = outcomes[taken];
        if (result === undefined) return;
        taken += 1;
        waiting.shift()?.(result);
      }),
  };
}

/** A raw connection that collects what it receives. */
export interface Wire {
  socket: net.Socket;
  /** Everything received so far, as Latin-1. */
  text(): string;
  /** Resolves when the text received so far satisfies `test`; rejects when the connection ends before. */
  until(test: RegExp): Promise<string>;
  /** Resolves with everything received once the connection is closed, and whether by a reset. */
  closed(): Promise<{ text: string; error?: Error }>;
}

export function wire(socket: net.Socket): Wire {
  let text = "";
  let failure: Error | undefined;
  let isClosed = false;
  const checks = new Set<() => void>();
  const check = (): void => {
    for (const run of checks) run();
  };
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    check();
  });
  socket.on("error", (error) => {
    failure = error;
  });
  socket.on("close", () => {
    isClosed = true;
    check();
  });
  const when = <T>(ready: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const run = (): void => {
        const result = ready();
        if (result !== undefined) resolve(result);
        else if (isClosed) reject(new Error(`connection closed after: ${JSON.stringify(text)}`));
        else return;
        checks.delete(run);
      };
      checks.add(run);
      run();
    });
  return {
    socket,
    text: () => text,
    until: (test) => when(() => (test.test(text) ? text : undefined)),
    closed: () =>
      when(() => (isClosed ? { text, ...(failure === undefined ? {} : { error: failure }) } : undefined)),
  };
}

/** Opens a raw connection to the proxy and writes the request's bytes. */
export function dial(proxy: { host: string; port: number }, bytes: string, allowHalfOpen = false): Wire {
  const socket = net.connect({ host: proxy.host, port: proxy.port, allowHalfOpen });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write(Buffer.from(bytes, "latin1"));
  return wire(socket);
}

/** Lines of a header section or request head, without the last empty one. */
export function headLines(text: string): string[] {
  return (text.split("\r\n\r\n")[0] ?? "").split("\r\n");
}
