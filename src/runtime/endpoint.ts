import http from "node:http";
import net from "node:net";

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

/** Where connections of an endpoint go: a unix socket or a loopback TCP port. */
export type SocketAddress = { path: string } | { host: string; port: number };

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

function openSocket(address: SocketAddress): net.Socket {
  // Small pieces (an event of a stream, a chat message) must not wait for the acknowledgement of the last.
  return new InstanceSocket().connect({ ...address, noDelay: true });
}

class AddressAgent extends http.Agent {
  constructor(private readonly address: SocketAddress) {
    super({ keepAlive: true, maxFreeSockets: 64, timeout: IDLE_CONNECTION_MS });
  }

  override createConnection(): net.Socket {
    return openSocket(this.address);
  }
}

/** An endpoint whose connections all go to `address`. */
export function socketEndpoint(address: SocketAddress): Endpoint {
  const agent = new AddressAgent(address);
  return {
    agent,
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = openSocket(address);
        socket.once("connect", () => {
          socket.removeListener("error", reject);
          resolve(socket);
        });
        socket.once("error", reject);
      }),
    close: () => agent.destroy(),
  };
}
