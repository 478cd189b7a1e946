import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { ForwardError } from "../../../src/http/forward/index.js";
import { container, dial, endpointTo, listen, proxyTo, rawContainer, wire } from "./lab.js";

const GET = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";

/** A promise and the function that fulfils it. */
function signal<T = void>(): { promise: Promise<T>; fire: (value: T) => void } {
  let fire: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    fire = resolve;
  });
  return { promise, fire };
}

describe("no answer", () => {
  it.each([
    ["no such socket", { path: "/nonexistent/socket" }],
    ["a port where nobody listens", { host: "127.0.0.1", port: 1 }],
  ])("%s is refused", async (_name, address) => {
    const proxy = await proxyTo(endpointTo(address));
    const { text } = await dial(proxy, GET).closed();
    expect(text).toMatch(/^HTTP\/1\.1 502 [\s\S]*refused/);
    expect(await proxy.next()).toMatchObject({
      kind: "refused",
      message: expect.stringContaining("targetPort"),
    });
  });

  it.each([
    ["closed at once", (socket: net.Socket) => socket.destroy()],
    ["ended at once", (socket: net.Socket) => socket.end()],
    ["closed after the request", (socket: net.Socket) => socket.once("data", () => socket.destroy())],
  ])("%s is an early close, whatever the method", async (_name, program) => {
    const proxy = await proxyTo(await rawContainer(program));
    expect((await dial(proxy, GET).closed()).text).toMatch(/^HTTP\/1\.1 502 [\s\S]*closed-early/);
    const post = await fetch(proxy.url, { method: "POST", body: "x".repeat(1000) });
    expect([post.status, await post.text()]).toEqual([502, "closed-early"]);
    const stream = Readable.from(["a".repeat(70_000), "b".repeat(70_000)]);
    const init = { method: "PUT", body: Readable.toWeb(stream), duplex: "half" };
    expect(await (await fetch(proxy.url, init as RequestInit)).text()).toBe("closed-early");
    expect(proxy.outcomes).toHaveLength(3);
    expect(proxy.outcomes.every((outcome) => outcome instanceof ForwardError)).toBe(true);
  });

  it("in time is a timeout, and the container sees its connection closed", async () => {
    const gone = signal();
    const endpoint = await rawContainer((socket) => void socket.resume().once("end", () => gone.fire()));
    const proxy = await proxyTo(endpoint, { signal: AbortSignal.timeout(50) });
    expect((await dial(proxy, GET).closed()).text).toMatch(/^HTTP\/1\.1 502 [\s\S]*timeout/);
    await gone.promise;
  });
});

describe("an early answer", () => {
  it.each(["unix", "tcp"] as const)("is delivered although the upload is not finished (%s)", async (over) => {
    // Answers without reading and closes: further writes fail while the answer is on its way.
    const endpoint = await rawContainer((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.end("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig", () =>
          socket.destroy(),
        );
      });
    }, over);
    const proxy = await proxyTo(endpoint);
    for (let round = 0; round < 10; round += 1) {
      const upload = http.request({ host: proxy.host, port: proxy.port, method: "POST", agent: false });
      Readable.from(Array.from({ length: 400 }, () => Buffer.alloc(64 * 1024))).pipe(upload);
      const [answer] = (await once(upload, "response")) as [http.IncomingMessage];
      expect(answer.statusCode).toBe(413);
      // Whoever has the answer does not care what becomes of the rest.
      upload.on("error", () => undefined);
      expect(Buffer.concat(await answer.toArray()).toString()).toBe("big");
      upload.destroy();
    }
  });

  it("comes while the container still reads, and the upload goes on", async () => {
    const total = signal<number>();
    const { endpoint } = await container((req, res) => {
      res.end("accepted");
      let bytes = 0;
      req.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      req.on("end", () => total.fire(bytes));
    });
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n123");
    await client.until(/accepted/);
    client.socket.write("456");
    expect(await total.promise).toBe(6);
    expect(await proxy.next()).toMatchObject({ status: 200, end: "complete", requestBytes: 6 });
    client.socket.write(GET);
    expect((await client.closed()).text.match(/accepted/g)).toHaveLength(2);
  });
});

describe("a client that leaves", () => {
  it("before the answer closes the container's connection", async () => {
    const asked = signal();
    const gone = signal();
    const { endpoint } = await container((req) => {
      req.once("close", () => gone.fire());
      asked.fire();
    });
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, GET);
    await asked.promise;
    client.socket.destroy();
    await gone.promise;
    expect(await proxy.next()).toEqual({
      end: "client-closed",
      requestBytes: 0,
      responseBytes: 0,
      retried: false,
    });
  });

  it("in the middle of its upload closes the container's connection", async () => {
    const half = signal();
    const aborted = signal();
    const { endpoint } = await container((req) => {
      req.once("data", () => half.fire());
      req.once("error", () => aborted.fire());
    });
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\nhalf");
    await half.promise;
    client.socket.resetAndDestroy();
    await aborted.promise;
    expect(await proxy.next()).toMatchObject({ end: "client-closed", requestBytes: 4 });
  });

  it("in the middle of the answer closes the container's connection", async () => {
    const gone = signal();
    const { endpoint } = await container((_req, res) => {
      res.write("first");
      res.once("close", () => gone.fire());
    });
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, GET);
    await client.until(/first/);
    client.socket.destroy();
    await gone.promise;
    expect(await proxy.next()).toMatchObject({ status: 200, end: "client-closed", responseBytes: 5 });
  });
});

describe("a container that dies in its answer", () => {
  it.each([
    ["Content-Length: 100", "12345"],
    ["Transfer-Encoding: chunked", "5\r\n12345\r\n"],
  ])("with %s cuts the client off after what came", async (field, body) => {
    const endpoint = await rawContainer((socket) => {
      socket.once("data", () => {
        socket.write(`HTTP/1.1 200 OK\r\n${field}\r\n\r\n${body}`, () => socket.destroy());
      });
    });
    const proxy = await proxyTo(endpoint);
    const response = await fetch(proxy.url);
    await expect(response.text()).rejects.toThrow();
    const raw = await dial(proxy, "GET / HTTP/1.1\r\nHost: h\r\n\r\n").closed();
    expect(raw.text).toContain("12345");
    expect(raw.text).not.toContain("0\r\n\r\n");
    expect(await proxy.next()).toMatchObject({ status: 200, end: "container-closed", responseBytes: 5 });
  });

  it("resets a client of HTTP/1.0, to which a mere close would look like the end", async () => {
    const endpoint = await rawContainer((socket) => {
      const received = wire(socket);
      void received.until(/\r\n\r\n/).then(() => {
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n");
      });
      // The client's reading of the first piece is told by its next connection.
      dies.promise.then(() => socket.destroy());
    });
    const dies = signal();
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, "GET / HTTP/1.0\r\nHost: h\r\n\r\n");
    await client.until(/12345/);
    dies.fire();
    expect((await client.closed()).error).toMatchObject({ code: "ECONNRESET" });
  });

  it("is told from the caller's own end of it", async () => {
    const controller = new AbortController();
    const { endpoint } = await container((_req, res) => res.write("first"));
    const proxy = await proxyTo(endpoint, { signal: controller.signal });
    const client = dial(proxy, GET);
    await client.until(/first/);
    controller.abort();
    expect((await client.closed()).text).not.toContain("0\r\n\r\n");
    expect(await proxy.next()).toMatchObject({ status: 200, end: "aborted", responseBytes: 5 });
  });
});

describe("a kept-alive connection that the container closes on reuse", () => {
  /** Answers once per connection as if it stayed open; the second request closes it. */
  function closingOnReuse(seen: string[]) {
    return rawContainer((socket) => {
      let requests = 0;
      socket.on("data", (chunk: Buffer) => {
        requests += 1;
        seen.push(chunk.toString().split(" ")[0] ?? "");
        if (requests > 1) return socket.destroy();
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      });
    });
  }

  it("is replaced for a request that may be repeated", async () => {
    const seen: string[] = [];
    const proxy = await proxyTo(await closingOnReuse(seen));
    for (const retried of [false, true]) {
      expect(await (await fetch(proxy.url)).text()).toBe("ok");
      expect(await proxy.next()).toMatchObject({ status: 200, retried });
    }
    expect(seen).toEqual(["GET", "GET", "GET"]);
  });

  it("is an error for a request that must not be sent twice", async () => {
    const seen: string[] = [];
    const proxy = await proxyTo(await closingOnReuse(seen));
    expect((await fetch(proxy.url)).status).toBe(200);
    await proxy.next();
    const response = await fetch(proxy.url, { method: "POST", body: "once" });
    expect([response.status, await response.text()]).toEqual([502, "closed-early"]);
    expect(seen).toEqual(["GET", "POST"]);
  });

  it("says so when the second try finds nobody", async () => {
    const server = net.createServer((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        socket.once("data", () => server.close(() => {}) && socket.destroy());
      });
    });
    const proxy = await proxyTo(endpointTo(await listen(server)));
    expect((await fetch(proxy.url)).status).toBe(200);
    await proxy.next();
    expect(await (await fetch(proxy.url)).text()).toBe("refused");
  });
});
