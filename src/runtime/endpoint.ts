import http from "node:http";
import net from "node:net";
import type { Duplex } from "node:stream";

/**
 * How the emulator reaches the target port of one instance. Callers pass `agent` to `http.request`
 * (any host name) and never learn whether a unix socket, a TCP port or a gate lies in between.
 */
export interface Endpoint {
  /** Keep-alive connections to this instance only. */
  readonly agent: http.Agent;
  /** Opens one raw byte stream to the target port, for probes and protocols other than HTTP. */
  connect(): Promise<net.Socket>;
  /** Drops every pooled connection. */
  close(): void;
}

/** Where a connection goes: a unix socket or a loopback TCP port. */
export type SocketAddress = { path: string } | { host: string; port: number };

/**
 * Makes one connection to the target port: a socket that is connecting, or a promise of one that is through,
 * where there is more to do than to connect.
 */
export type OpenConnection = () => net.Socket | Promise<net.Socket>;

/**
 * Idle pooled connections are dropped before common servers drop theirs (uvicorn, Node: 5 s),
 * so that a request is not written to a connection that is being closed.
 */
const IDLE_CONNECTION_MS = 3_000;

/**
 * Reads on when writing fails. A server may answer before it has read the whole request (413, say) and
 * close; the next write then fails while the answer still waits to be read, and an ordinary socket would
 * drop it. Whether the other side is really gone is told by reading: data, end or error.
 */
class InstanceSocket extends net.Socket {
  override _write(chunk: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    super._write(chunk, encoding, (error) => done(isClosedByPeer(error) ? null : error));
  }

  override _writev(
    chunks: { chunk: unknown; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    super._writev?.(chunks, (error) => done(isClosedByPeer(error) ? null : error));
  }
}

function isClosedByPeer(error: Error | null | undefined): boolean {
  return error instanceof Error && "code" in error && (error.code === "EPIPE" || error.code === "ECONNRESET");
}

/** A connection to an instance, or to what leads there; it is connecting. */
export function openSocket(address: SocketAddress): net.Socket {
  // Small pieces (an event of a stream, a chat message) must not wait for the acknowledgement of the last.
  return new InstanceSocket().connect({ ...address, noDelay: true });
}

class OpeningAgent extends http.Agent {
  constructor(private readonly open: OpenConnection) {
    super({ keepAlive: true, maxFreeSockets: 64, timeout: IDLE_CONNECTION_MS });
  }

  override createConnection(
    _options: http.ClientRequestArgs,
    done: (error: Error | null, socket: Duplex) => void,
  ): net.Socket | undefined {
    const opened = this.open();
    if (opened instanceof net.Socket) return opened;
    // The agent looks at the socket only when there is no error.
    opened.then(
      (socket) => done(null, socket),
      (error) => done(error, undefined as never),
    );
    return undefined;
  }
}

/** An endpoint whose connections are made by `open`. */
export function endpointOver(open: OpenConnection): Endpoint {
  const agent = new OpeningAgent(open);
  return {
    agent,
    connect: async () => {
      const opened = open();
      return opened instanceof net.Socket ? connected(opened) : opened;
    },
    close: () => agent.destroy(),
  };
}

/** An endpoint whose connections all go to `address`. */
export function socketEndpoint(address: SocketAddress): Endpoint {
  return endpointOver(() => openSocket(address));
}

function connected(socket: net.Socket): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => {
      socket.removeListener("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}
