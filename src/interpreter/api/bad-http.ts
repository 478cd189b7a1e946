import http, { type Server } from "node:http";
import type { Socket } from "node:net";

const STATUS_BY_CODE: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Gives what never becomes a request (bytes that are no HTTP, expectations nobody can meet) an answer that says why. */
export function answerBadHttp(server: Server): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = STATUS_BY_CODE[error.code ?? ""] ?? 400;
    const body = JSON.stringify({ message: `The request is not valid HTTP (${error.message}).` });
    socket.end(
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nConnection: close\r\n` +
        `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  server.on("checkExpectation", (req, res) => {
    res.writeHead(417, { "Content-Type": "application/json; charset=utf-8" });
    res.end(JSON.stringify({ message: `Nothing here can meet 'Expect: ${req.headers.expect}'.` }));
  });
}
