import http from "node:http";
import { describe, expect, it } from "vitest";
import { isOptionalUpgrade, serveWithoutUpgrade } from "../../../src/http/forward/index.js";
import { container, dial, headLines, listen, proxyTo, rawContainer, wire } from "./lab.js";

/** What Java's HttpClient sends, by default, on every connection in clear text. */
const H2C = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n";

async function server(): Promise<{ host: string; port: number }> {
  const server = http.createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on("data", (piece: Buffer) => pieces.push(piece));
    req.on("end", () => {
      const asked = [req.headers.upgrade, req.headers["http2-settings"]].filter(
        (field) => field !== undefined,
      );
      res.end(`${req.method} ${req.url} ${req.headers["x-a"]} ${Buffer.concat(pieces)} ${asked.length};`);
    });
  });
  server.on("upgrade", (req, socket, head) => {
    if (isOptionalUpgrade(req)) serveWithoutUpgrade(server, req, head);
    else socket.destroy();
  });
  const address = await listen(server, "tcp");
  if (!("port" in address)) throw new Error("no port");
  return address;
}

describe("a request with an upgrade that need not be taken up", () => {
  it.each([
    ["a length", "Content-Length: 4\r\n\r\nbody"],
    ["chunks", "Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n"],
  ])("is served plainly, body with %s included, and so is the next one", async (_name, rest) => {
    const address = await server();
    const request = `POST //x%2F?a=b HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n${H2C}${rest}`;
    const client = dial(address, request);
    expect(await client.until(/;/)).toContain("POST //x%2F?a=b 1 body 0;");
    client.socket.write(request);
    await client.until(/;[\s\S]*;/);
    client.socket.write(`GET /last HTTP/1.1\r\nHost: h\r\n${H2C.replace("Upgrade,", "close, Upgrade,")}\r\n`);
    expect((await client.closed()).text).toContain("GET /last undefined  0;");
  });

  it("is served with a body that arrives later", async () => {
    const client = dial(await server(), `POST / HTTP/1.1\r\nHost: h\r\n${H2C}Content-Length: 8\r\n\r\nhalf`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.write("half");
    expect(await client.until(/;/)).toContain("POST / undefined halfhalf 0;");
  });

  it("may also go to a container as it is, with its body", async () => {
    const { endpoint } = await container((req, res) => void req.pipe(res));
    const request = `POST / HTTP/1.1\r\nHost: h\r\n${H2C}Content-Length: 4\r\n\r\nbody`;
    const { text } = await dial(await proxyTo(endpoint), request).closed();
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nbody\r\n/);
  });

  it("switches when the container can", async () => {
    const endpoint = await rawContainer((socket) => {
      void wire(socket)
        .until(/\r\n\r\n/)
        .then(() =>
          socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nh2"),
        );
    });
    const request = `GET / HTTP/1.1\r\nHost: h\r\n${H2C}\r\n`;
    const { text } = await dial(await proxyTo(endpoint), request).closed();
    expect(headLines(text)[0]).toBe("HTTP/1.1 101 Switching Protocols");
    expect(text.endsWith("\r\n\r\nh2")).toBe(true);
  });
});
