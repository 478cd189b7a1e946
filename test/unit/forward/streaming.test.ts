import { createHash } from "node:crypto";
import http, { type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { container, dial, proxyTo, rawContainer, type TestProxy, wire } from "./lab.js";

const MIB = 1024 * 1024;
const BODY_BYTES = 200 * MIB;

/** 200 MiB of bytes that differ from piece to piece, made while they are read. */
function bigBody(): { stream: Readable; made(): number } {
  let made = 0;
  const stream = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      if (made >= BODY_BYTES) return void this.push(null);
      const piece = Buffer.alloc(64 * 1024, (made / 65_536) % 251);
      made += piece.length;
      this.push(piece);
    },
  });
  return { stream, made: () => made };
}

/** Digest and length of a stream. */
async function digest(stream: Readable): Promise<{ hash: string; bytes: number }> {
  const hash = createHash("sha1");
  let bytes = 0;
  for await (const chunk of stream) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { hash: hash.digest("hex"), bytes };
}

/** Samples the memory of this process, in which client, proxy and container all run. */
function watchMemory(): () => number {
  const before = process.memoryUsage.rss();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  onTestFinished(() => clearInterval(timer));
  return () => peak - before;
}

/** Waits until a counter no longer moves: whoever drives it waits for something. */
async function untilStill(counter: () => number): Promise<number> {
  let last = -1;
  for (let still = 0; still < 4; ) {
    await delay(100);
    still = counter() === last && last > 0 ? still + 1 : 0;
    last = counter();
  }
  return last;
}

function request(proxy: TestProxy, options: http.RequestOptions): http.ClientRequest {
  const request = http.request({ host: proxy.host, port: proxy.port, agent: false, ...options });
  onTestFinished(() => {
    request.destroy();
  });
  return request;
}

function answerOf(request: http.ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
}

describe.each(["unix", "tcp"] as const)("a body of 200 MB over %s", (over) => {
  it("is uploaded in flat memory, no faster than the container reads", async () => {
    let letItRead = (): void => {};
    const reading = new Promise<void>((resolve) => {
      letItRead = resolve;
    });
    const { endpoint } = await container(async (req, res) => {
      await reading;
      res.end(JSON.stringify(await digest(req)));
    }, over);
    const proxy = await proxyTo(endpoint);
    const body = bigBody();
    const growth = watchMemory();
    const upload = request(proxy, { method: "POST", headers: { "Content-Length": BODY_BYTES } });
    body.stream.pipe(upload);
    const answer = answerOf(upload);
    expect(await untilStill(body.made)).toBeLessThan(BODY_BYTES / 4);
    letItRead();
    const received = JSON.parse(Buffer.concat(await (await answer).toArray()).toString());
    expect(received).toEqual(await digest(bigBody().stream));
    expect(growth()).toBeLessThan(BODY_BYTES / 2);
    expect(await proxy.next()).toMatchObject({ status: 200, end: "complete", requestBytes: BODY_BYTES });
  });

  it("is downloaded in flat memory, no faster than the client reads", async () => {
    const body = bigBody();
    const { endpoint } = await container((_req, res) => void body.stream.pipe(res), over);
    const proxy = await proxyTo(endpoint);
    const growth = watchMemory();
    const answer = await answerOf(request(proxy, { path: "/" }).end());
    expect(await untilStill(body.made)).toBeLessThan(BODY_BYTES / 4);
    expect(await digest(answer)).toEqual(await digest(bigBody().stream));
    expect(growth()).toBeLessThan(BODY_BYTES / 2);
    expect(await proxy.next()).toMatchObject({ status: 200, end: "complete", responseBytes: BODY_BYTES });
  });
});

describe("pieces", () => {
  it("of an event stream arrive before the next is sent", async () => {
    let emit = (_event: string): void => {};
    const { endpoint } = await container((_req, res) => {
      res.writeHead(200, { "Content-Type": "text/event-stream" });
      res.flushHeaders();
      emit = (event) => (event === "end" ? res.end() : res.write(`data: ${event}\n\n`));
    });
    const proxy = await proxyTo(endpoint);
    // The answer's head alone must come through: nothing has been sent behind it yet.
    const answer = await answerOf(request(proxy, { path: "/events" }).end());
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    const pieces = answer[Symbol.asyncIterator]();
    for (let n = 1; n <= 20; n += 1) {
      emit(String(n));
      expect(String((await pieces.next()).value)).toBe(`data: ${n}\n\n`);
    }
    emit("end");
    expect((await pieces.next()).done).toBe(true);
  });

  it("of an upload are answered one by one", async () => {
    const { endpoint } = await container((req, res) => {
      res.writeHead(200, { "Content-Type": "application/x-ndjson" });
      res.flushHeaders();
      req.on("data", (line: Buffer) => res.write(`{"echo":${line}}\n`)).on("end", () => res.end());
    });
    const proxy = await proxyTo(endpoint);
    const upload = request(proxy, { method: "POST", path: "/chat" });
    upload.flushHeaders();
    const pieces = (await answerOf(upload))[Symbol.asyncIterator]();
    for (let n = 1; n <= 5; n += 1) {
      upload.write(String(n));
      expect(String((await pieces.next()).value)).toBe(`{"echo":${n}}\n`);
    }
    upload.end();
    expect((await pieces.next()).done).toBe(true);
    expect(await proxy.next()).toMatchObject({ requestBytes: 5, responseBytes: 55, end: "complete" });
  });
});

describe("trailers", () => {
  it("of the answer reach the client", async () => {
    const { endpoint } = await container((_req, res) => {
      res.writeHead(200, { Trailer: "X-Sum, X-More" });
      res.write("body");
      res.addTrailers([
        ["X-Sum", "1"],
        ["x-sum", "2"],
        ["X-More", "3"],
      ]);
      res.end();
    });
    const proxy = await proxyTo(endpoint);
    const answer = await answerOf(request(proxy, { path: "/" }).end());
    expect(answer.headers.trailer).toBe("X-Sum, X-More");
    expect(Buffer.concat(await answer.toArray()).toString()).toBe("body");
    expect(answer.rawTrailers).toEqual(["X-Sum", "1", "x-sum", "2", "X-More", "3"]);
  });

  it("of the request reach the container", async () => {
    const { endpoint } = await container((req, res) => {
      req.resume().on("end", () => res.end(JSON.stringify([req.headers.trailer, req.rawTrailers])));
    });
    const proxy = await proxyTo(endpoint);
    const upload = request(proxy, { method: "PUT", headers: { Trailer: "X-Sum" } });
    upload.write("body");
    upload.addTrailers({ "X-Sum": "abc" });
    upload.end();
    const received = Buffer.concat(await (await answerOf(upload)).toArray()).toString();
    expect(JSON.parse(received)).toEqual(["X-Sum", ["X-Sum", "abc"]]);
  });
});

describe("framings of a container", () => {
  const get = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

  it.each([
    ["HTTP/1.0 that ends with the connection", "HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello", "hello"],
    ["HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"],
    ["HTTP/1.1 that ends with the connection", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", "hello"],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\n\r\n", "hello"],
    ["a coded body", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nZZZ", "ZZZ"],
    ["an empty body", "HTTP/1.1 200 OK\r\n\r\n", ""],
  ])("%s", async (_name, bytes, body) => {
    const endpoint = await rawContainer((socket) => {
      void wire(socket)
        .until(/\r\n\r\n/)
        .then(() => socket.end(bytes));
    });
    const proxy = await proxyTo(endpoint);
    const answer = await answerOf(request(proxy, { path: "/" }).end());
    expect(Buffer.concat(await answer.toArray()).toString()).toBe(body);
    expect(answer.complete).toBe(true);
  });

  it("chunks are not sent to a client of HTTP/1.0", async () => {
    const { endpoint } = await container((_req, res) => {
      res.write("hel");
      res.end("lo");
    });
    const proxy = await proxyTo(endpoint);
    const { text } = await dial(proxy, "GET / HTTP/1.0\r\nHost: h\r\n\r\n").closed();
    expect(text).not.toMatch(/transfer-encoding/i);
    expect(text.endsWith("\r\n\r\nhello")).toBe(true);
  });

  it("something that is not HTTP is reported as such", async () => {
    const endpoint = await rawContainer((socket) => socket.end("SSH-2.0-OpenSSH_9.9\r\n"));
    const proxy = await proxyTo(endpoint);
    const { text } = await dial(proxy, get).closed();
    expect(text).toMatch(/^HTTP\/1\.1 502 [\s\S]*protocol/);
  });
});
