import http from "node:http";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import {
  container,
  dial,
  endpointTo,
  headLines,
  proxyTo,
  rawContainer,
  type TestProxy,
  wire,
} from "./lab.js";

async function echoContainer() {
  const { endpoint, server } = await container((_req, res) => res.writeHead(404).end("plain"));
  const sockets = new WebSocketServer({ server, maxPayload: 64 * 1024 * 1024 });
  sockets.on("connection", (socket, req) => {
    socket.send(JSON.stringify({ url: req.url, headers: req.headers }));
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  return endpoint;
}

function open(proxy: TestProxy, path: string, options: WebSocket.ClientOptions = {}): WebSocket {
  const socket = new WebSocket(`ws://${proxy.host}:${proxy.port}${path}`, options);
  onTestFinished(() => socket.terminate());
  return socket;
}

function message(socket: WebSocket): Promise<{ data: Buffer; isBinary: boolean }> {
  return new Promise((resolve, reject) => {
    socket.once("message", (data, isBinary) => resolve({ data: data as Buffer, isBinary }));
    socket.once("error", reject);
  });
}

function closing(socket: WebSocket): Promise<[number, string]> {
  return new Promise((resolve) => socket.once("close", (code, reason) => resolve([code, String(reason)])));
}

const UPGRADE =
  "GET /t HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: odd/1\r\nAuthorization: Bearer t\r\nX-A: 1\r\nx-a: 2\r\n\r\n";
const SWITCH = "HTTP/1.1 101 Go Ahead\r\nConnection: Upgrade\r\nupGrade: odd/1\r\nX-B: 1\r\nx-b: 2\r\n\r\n";

/** A container that switches at once and then hands the connection over. */
function switching(then: (connection: ReturnType<typeof wire>) => void, bytes = SWITCH) {
  return rawContainer((socket) => {
    const connection = wire(socket);
    void connection.until(/\r\n\r\n/).then(() => {
      socket.write(Buffer.from(bytes, "latin1"));
      then(connection);
    });
  });
}

describe("a WebSocket", () => {
  it("carries text, binary and the close code both ways", async () => {
    const proxy = await proxyTo(await echoContainer());
    const socket = open(proxy, "//ws%2F?identifier=a%7Cb", {
      headers: { Authorization: "Bearer t", "X-A": "1" },
    });
    const hello = JSON.parse(String((await message(socket)).data));
    expect(hello.url).toBe("//ws%2F?identifier=a%7Cb");
    expect(hello.headers["x-a"]).toBe("1");
    expect(hello.headers.host).toBe(`${proxy.host}:${proxy.port}`);
    expect(hello.headers.authorization).toBeUndefined();

    socket.send("grüße");
    expect(await message(socket)).toEqual({ data: Buffer.from("grüße"), isBinary: false });
    const binary = Buffer.alloc(5 * 1024 * 1024, 7);
    socket.send(binary);
    const echoed = await message(socket);
    expect(echoed.isBinary).toBe(true);
    expect(echoed.data.equals(binary)).toBe(true);

    expect(proxy.outcomes).toEqual([]);
    const closed = closing(socket);
    socket.close(4321, "done");
    expect(await closed).toEqual([4321, "done"]);
    const outcome = await proxy.next();
    expect(outcome).toMatchObject({ status: 101, end: "complete" });
    expect(outcome).toMatchObject({ requestBytes: expect.toSatisfy((n) => n > binary.length) });
    expect(outcome).toMatchObject({ responseBytes: expect.toSatisfy((n) => n > binary.length) });
  });

  it("brings the close code of the container", async () => {
    const { endpoint, server } = await container(() => {});
    new WebSocketServer({ server }).on("connection", (socket) => socket.close(4001, "kernel died"));
    const proxy = await proxyTo(endpoint);
    expect(await closing(open(proxy, "/"))).toEqual([4001, "kernel died"]);
    expect(await proxy.next()).toMatchObject({ status: 101 });
  });

  it("ends for the container when the client is cut off, and for the client when the container is", async () => {
    const { endpoint, server } = await container(() => {});
    const seen: Promise<[number, string]>[] = [];
    new WebSocketServer({ server }).on("connection", (socket, req) => {
      seen.push(closing(socket));
      if (req.url === "/die") socket.terminate();
      else socket.send("here");
    });
    const proxy = await proxyTo(endpoint);
    const client = open(proxy, "/live");
    await message(client);
    client.terminate();
    expect((await seen[0])?.[0]).toBe(1006);
    await proxy.next();
    expect((await closing(open(proxy, "/die")))[0]).toBe(1006);
    await proxy.next();
  });

  it("that the container refuses is answered as the container does", async () => {
    const proxy = await proxyTo(
      await rawContainer((socket) => {
        void wire(socket)
          .until(/\r\n\r\n/)
          .then(() => {
            socket.write("HTTP/1.1 403 Not You\r\nX-A: 1\r\nx-a: 2\r\nTransfer-Encoding: chunked\r\n\r\n");
            socket.write("2\r\nno\r\n0\r\n\r\n");
          });
      }),
    );
    const { text } = await dial(proxy, UPGRADE).closed();
    expect(headLines(text)).toEqual([
      "HTTP/1.1 403 Not You",
      "X-A: 1",
      "x-a: 2",
      "Transfer-Encoding: chunked",
      "Connection: close",
    ]);
    expect(text.endsWith("\r\n\r\n2\r\nno\r\n0\r\n\r\n")).toBe(true);
    expect(await proxy.next()).toMatchObject({ status: 403, end: "complete", responseBytes: 2 });
  });

  it("that is refused with a large body gets all of it", async () => {
    const body = Buffer.alloc(8 * 1024 * 1024, "x");
    const { endpoint, server } = await container(() => {});
    server.on("upgrade", (_req, socket) => {
      socket.end(
        Buffer.concat([Buffer.from(`HTTP/1.1 400 No\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
      );
    });
    const proxy = await proxyTo(endpoint);
    const { text } = await dial(proxy, UPGRADE).closed();
    expect(text.length - text.indexOf("\r\n\r\n") - 4).toBe(body.length);
  });

  it("that finds nobody leaves room for an error of the caller", async () => {
    const nobody = await proxyTo(endpointTo({ path: "/nonexistent/socket" }));
    expect((await dial(nobody, UPGRADE).closed()).text).toMatch(/^HTTP\/1\.1 502 [\s\S]*refused/);
    const closed = await proxyTo(await rawContainer((socket) => socket.destroy()));
    expect((await dial(closed, UPGRADE).closed()).text).toMatch(/^HTTP\/1\.1 502 [\s\S]*closed-early/);
  });

  it("whose client leaves before the answer is dropped", async () => {
    let asked = (): void => {};
    let gone = (): void => {};
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const isGone = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const proxy = await proxyTo(
      await rawContainer((socket) => {
        socket.once("data", asked).once("end", gone);
      }),
    );
    const client = dial(proxy, UPGRADE);
    await wasAsked;
    client.socket.resetAndDestroy();
    await isGone;
    expect(await proxy.next()).toMatchObject({ end: "client-closed" });
  });
});

describe("a tunnel of any protocol", () => {
  it("passes both heads, and what comes with them, byte for byte", async () => {
    let received = Promise.resolve("");
    const endpoint = await switching((connection) => {
      received = connection.until(/early$/);
    }, `${SWITCH}first \xff bytes`);
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, `${UPGRADE}early`);
    expect(await client.until(/bytes$/)).toBe(`${SWITCH}first \xff bytes`);
    expect(await received).toBe(`${UPGRADE.replace("Authorization: Bearer t\r\n", "")}early`);
  });

  it("loses nothing that the client sends while its session is being prepared", async () => {
    let received = Promise.resolve("");
    const endpoint = await switching((connection) => {
      received = connection.until(/late$/);
      connection.socket.once("end", () => connection.socket.end());
    });
    let prepare = (): void => {};
    const isPrepared = new Promise<void>((resolve) => {
      prepare = resolve;
    });
    const proxy = await proxyTo(endpoint, { allocate: () => isPrepared });
    const client = dial(proxy, UPGRADE);
    client.socket.write("la");
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.write("te", prepare);
    await client.until(/\r\n\r\n$/);
    expect((await received).endsWith("\r\n\r\nlate")).toBe(true);
    client.socket.end();
    expect(await proxy.next()).toMatchObject({ status: 101, requestBytes: 4 });
  });

  it("lets either side end its half and still be answered", async () => {
    // The container answers only after the client's end.
    const afterEnd = await switching((connection) => {
      connection.socket.once("end", () => connection.socket.end("answer to the end"));
    });
    const proxy = await proxyTo(afterEnd);
    const client = dial(proxy, UPGRADE, true);
    await client.until(/\r\n\r\n$/);
    client.socket.end("last words");
    expect((await client.closed()).text).toBe(`${SWITCH}answer to the end`);
    expect(await proxy.next()).toMatchObject({ status: 101, end: "complete", requestBytes: 10 });

    // The client answers only after the container's end.
    let heard = Promise.resolve({ text: "" });
    const endsFirst = await switching((connection) => {
      connection.socket.end("over to you");
      heard = connection.closed();
    });
    const other = dial(await proxyTo(endsFirst), UPGRADE, true);
    await new Promise((resolve) => other.socket.once("end", resolve));
    other.socket.end("thanks");
    expect((await heard).text.endsWith("\r\n\r\nthanks")).toBe(true);
  });

  it("streams more than it could hold, in both directions at once", async () => {
    const endpoint = await switching((connection) => connection.socket.pipe(connection.socket));
    const proxy = await proxyTo(endpoint);
    const total = 64 * 1024 * 1024;
    const request = http.request({
      host: proxy.host,
      port: proxy.port,
      headers: { Connection: "Upgrade", Upgrade: "odd/1" },
    });
    request.end();
    const socket = await new Promise<Duplex>((resolve) => request.once("upgrade", (_r, s) => resolve(s)));
    const piece = Buffer.alloc(64 * 1024, 3);
    let sent = 0;
    const send = (): void => {
      while (sent < total) {
        sent += piece.length;
        if (!socket.write(piece)) return void socket.once("drain", send);
      }
    };
    let received = 0;
    const all = new Promise<void>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        received += chunk.length;
        if (received >= total) resolve();
      });
    });
    send();
    await all;
    socket.end();
    expect(await proxy.next()).toMatchObject({ requestBytes: total, responseBytes: total });
  });

  it("is ended by the caller's signal", async () => {
    const controller = new AbortController();
    const endpoint = await switching(() => {});
    const proxy = await proxyTo(endpoint, { signal: controller.signal });
    const client = dial(proxy, UPGRADE);
    await client.until(/\r\n\r\n$/);
    controller.abort();
    await client.closed();
    expect(await proxy.next()).toMatchObject({ status: 101, end: "aborted" });
  });
});
