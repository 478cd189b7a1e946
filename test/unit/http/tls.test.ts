import { once } from "node:events";
import http, { type IncomingMessage, type RequestListener } from "node:http";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { type Listening, listen } from "../../../src/listen.js";
import { CertificateAuthority, newAuthority } from "../../../src/tls/certificate-authority.js";

const authority = new CertificateAuthority(newAuthority());
const sockets = new WebSocketServer({ noServer: true });
sockets.on("connection", (socket) => socket.on("message", (words) => socket.send(`${words}!`)));
const answer: RequestListener = async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  const scheme = req.socket instanceof tls.TLSSocket ? "https" : "http";
  res.end(JSON.stringify({ scheme, bytes: Buffer.concat(chunks).length }));
};

let listening: Listening;
beforeAll(async () => {
  const app = {
    handler: express().use(answer),
    upgrade: (req: IncomingMessage, socket: unknown, head: Buffer) =>
      sockets.handleUpgrade(req, socket as net.Socket, head, (open) => sockets.emit("connection", open)),
  };
  const certificates = async () => authority;
  listening = await listen({ app, certificates, host: "127.0.0.1", port: 0 });
});
afterAll(() => listening.close());

/** An answer's status and body. */
function ask(scheme: "http" | "https", options: https.RequestOptions & { body?: Buffer } = {}) {
  return new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
    const { body, ...rest } = options;
    const send = scheme === "https" ? https.request : http.request;
    const all = { host: "127.0.0.1", port: listening.port, ca: authority.certificate, ...rest };
    const request = send({ ...all, method: body ? "POST" : "GET", agent: false }, async (message) => {
      const chunks: Buffer[] = [];
      for await (const chunk of message) chunks.push(chunk as Buffer);
      resolve({ status: message.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    request.on("error", reject);
    request.end(body);
  });
}

describe("one port", () => {
  it("answers http and https", async () => {
    expect(await ask("http")).toEqual({ status: 200, body: { scheme: "http", bytes: 0 } });
    expect(await ask("https")).toEqual({ status: 200, body: { scheme: "https", bytes: 0 } });
  });

  it("answers them on the other loopback address too", async () => {
    expect(await ask("https", { host: "::1" })).toMatchObject({ status: 200 });
  });

  it("takes large bodies either way", async () => {
    const body = Buffer.alloc(5_000_000, "x");
    for (const scheme of ["http", "https"] as const) {
      expect(await ask(scheme, { body })).toMatchObject({ body: { scheme, bytes: body.length } });
    }
  });

  it.each(["ws", "wss"])("takes a WebSocket: %s", async (scheme) => {
    const options = { ca: authority.certificate };
    const socket = new WebSocket(`${scheme}://127.0.0.1:${listening.port}/`, options);
    await once(socket, "open");
    socket.send("hello");
    const [words] = (await once(socket, "message")) as [Buffer];
    socket.close();
    expect(String(words)).toBe("hello!");
  });

  it("gives an ordinary answer to a client that offers HTTP/2 in clear text, over TLS too", async () => {
    const headers = { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAMAAABk" };
    for (const scheme of ["http", "https"] as const) {
      expect(await ask(scheme, { headers })).toMatchObject({ status: 200, body: { scheme } });
    }
  });

  it("survives who hangs up in the middle of the handshake, and words that are no protocol", async () => {
    for (const words of [Buffer.from([22, 3, 1, 0]), Buffer.from("nonsense\r\n\r\n"), Buffer.alloc(0)]) {
      const socket = net.connect(listening.port, "127.0.0.1");
      await once(socket, "connect");
      socket.on("error", () => undefined);
      socket.write(words);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.destroy();
    }
    expect(await ask("https")).toMatchObject({ status: 200 });
  });
});

describe("the certificate", () => {
  it.each([
    "localhost",
    "my-byoc.localhost",
    "local.dynamicsessions.io",
    "pool.env.region.azurecontainerapps.io",
  ])("is good for %s", async (servername) =>
    expect(await ask("https", { servername })).toMatchObject({ status: 200 }),
  );

  it.each([
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
  ])("is good for the address %s", async (host) =>
    expect(await ask("https", { host })).toMatchObject({ status: 200 }),
  );

  it("is no good for who does not trust the authority", async () => {
    await expect(
      ask("https", { ca: new CertificateAuthority(newAuthority()).certificate }),
    ).rejects.toThrow();
  });
});
