import net from "node:net";

/** A request as it goes over the wire: nothing is encoded, completed or checked. */
export interface RawRequest {
  method: string;
  /** Path and query. */
  target: string;
  /** Header lines, without `Host` and `Connection` unless the request is to have its own. */
  headers?: [name: string, value: string][];
  body?: Uint8Array;
  /** How the body's length is told; default: by its true length. */
  framing?: "length" | "chunked" | "none";
}

export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  status: number;
  headers: Map<string, string>;
  body: string;
}

/** Longest wait for an answer to a whole request. */
const PATIENCE_MS = 45_000;

/** Sends a request and reads the answer to the end of the connection. Rejects when none comes in time. */
export function sendRequest(url: string, request: RawRequest): Promise<RawAnswer> {
  const { headers = [], body, framing = "length" } = request;
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const lines = [`${request.method} ${request.target} HTTP/1.1`];
  if (!given.has("host")) lines.push(`Host: ${new URL(url).host}`);
  if (!given.has("connection")) lines.push("Connection: close");
  if (body && framing === "length") lines.push(`Content-Length: ${body.length}`);
  if (body && framing === "chunked") lines.push("Transfer-Encoding: chunked");
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "utf8");
  const content = body && framing === "chunked" ? chunked(body) : (body ?? Buffer.alloc(0));
  return sendBytes(url, Buffer.concat([head, content]), request.method === "HEAD");
}

/** Sends bytes as they are and reads what comes back until the other side closes. */
export function sendBytes(url: string, bytes: Uint8Array, isHead = false): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const received: Buffer[] = [];
    const socket = net.connect({ host: hostname, port: Number(port) });
    const timer = setTimeout(() => {
      socket.destroy();
      const text = JSON.stringify(Buffer.from(bytes.subarray(0, 300)).toString("latin1"));
      reject(new Error(`no end of the answer within ${PATIENCE_MS} ms to ${text}`));
    }, PATIENCE_MS);
    // A refusal may come while the body is still being sent: what counts is what could be read.
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => received.push(chunk));
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(parseAnswer(Buffer.concat(received), isHead));
    });
    socket.on("end", () => socket.destroy());
    socket.write(bytes);
  });
}

/** Sends bytes and hangs up at once, in the middle of whatever they began. */
export function sendAndLeave(url: string, bytes: Uint8Array): Promise<void> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = net.connect({ host: hostname, port: Number(port) });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.write(bytes, () => setTimeout(() => socket.resetAndDestroy(), 5));
  });
}

function chunked(body: Uint8Array): Buffer {
  const size = Buffer.from(`${body.length.toString(16)}\r\n`);
  const last = Buffer.from("\r\n0\r\n\r\n");
  return body.length === 0 ? Buffer.from("0\r\n\r\n") : Buffer.concat([size, body, last]);
}

function parseAnswer(bytes: Buffer, isHead: boolean): RawAnswer {
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    const [first = "", ...lines] = rest.subarray(0, Math.max(0, end)).toString("latin1").split("\r\n");
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1] ?? 0);
    rest = rest.subarray(end + 4);
    if (status === 100) continue;
    const headers = new Map(lines.map((line) => headerOf(line)));
    if (isHead || end < 0) return { status, headers, body: "" };
    const body = headers.get("transfer-encoding") === "chunked" ? withoutChunks(rest) : rest;
    return { status, headers, body: body.toString("utf8") };
  }
}

function withoutChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  for (let rest = bytes; ; ) {
    const line = rest.indexOf("\r\n");
    const size = Number.parseInt(rest.subarray(0, Math.max(0, line)).toString("latin1"), 16);
    if (!(size > 0)) return Buffer.concat(chunks);
    chunks.push(rest.subarray(line + 2, line + 2 + size));
    rest = rest.subarray(line + 2 + size + 2);
  }
}

function headerOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
