import { describe, expect, it } from "vitest";
import { container, dial, headLines, proxyTo, rawContainer, wire } from "./lab.js";

/** A container that answers fixed bytes to the first request of each connection and keeps what it got. */
async function answering(bytes: string, over: "unix" | "tcp" = "unix") {
  const requests: string[] = [];
  const endpoint = await rawContainer((socket) => {
    const connection = wire(socket);
    void connection.until(/\r\n\r\n/).then((text) => {
      requests.push(text);
      socket.end(Buffer.from(bytes, "latin1"));
    });
  }, over);
  return { endpoint, requests };
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

describe("request head", () => {
  it("reaches the container in its order, spelling and number", async () => {
    const { endpoint, requests } = await answering(OK);
    const proxy = await proxyTo(endpoint);
    const client = dial(
      proxy,
      "GET /x HTTP/1.1\r\nhOsT: pool.localhost:4380\r\nX-B: 1\r\nx-b: 2\r\nAccept: */*\r\nX-B: 3\r\n" +
        "Cookie: a=1\r\nCookie: b=2\r\nX-Latin: caf\xe9\r\nConnection: close\r\n\r\n",
    );
    await client.closed();
    expect(headLines(requests[0] ?? "").filter((line) => !line.startsWith("Connection"))).toEqual([
      "GET /x HTTP/1.1",
      "hOsT: pool.localhost:4380",
      "X-B: 1",
      "x-b: 2",
      "Accept: */*",
      "X-B: 3",
      "Cookie: a=1",
      "Cookie: b=2",
      "X-Latin: caf\xe9",
    ]);
  });

  it.each(["//a//b/", "/a%2Fb%2f%20/..%2e/./../c?x=%2F&&identifier=a|b{c}&y", "/?", "/*;v=1,2?a?b"])(
    "passes the path %s byte for byte",
    async (path) => {
      const { endpoint, requests } = await answering(OK);
      const proxy = await proxyTo(endpoint);
      const client = dial(proxy, `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
      expect((await client.closed()).text).toContain("200 OK");
      expect(headLines(requests[0] ?? "")[0]).toBe(`GET ${path} HTTP/1.1`);
    },
  );

  it("loses hop-by-hop fields, those that Connection names included", async () => {
    const { endpoint, requests } = await answering(OK);
    const proxy = await proxyTo(endpoint);
    const client = dial(
      proxy,
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close, X-Hop, Content-Length\r\nKeep-Alive: timeout=9\r\n" +
        "Proxy-Connection: x\r\nTE: gzip, trailers\r\nX-Hop: 1\r\nX-Kept: 1\r\nContent-Length: 0\r\n\r\n",
    );
    await client.closed();
    const lines = headLines(requests[0] ?? "").map((line) => line.toLowerCase());
    expect(lines).toContain("x-kept: 1");
    expect(lines).toContain("te: trailers");
    expect(lines).toContain("content-length: 0");
    expect(lines.filter((line) => /^(x-hop|keep-alive|proxy-connection)/.test(line))).toEqual([]);
    expect(lines.join("\n")).not.toContain("connection: close");
  });

  it("carries Authorization only when configured", async () => {
    const { endpoint, requests } = await answering(OK);
    const request = "GET / HTTP/1.1\r\nHost: h\r\nauthoriZation: Bearer t\r\nConnection: close\r\n\r\n";
    await dial(await proxyTo(endpoint), request).closed();
    await dial(await proxyTo(endpoint, { stripAuthorization: false }), request).closed();
    expect(requests[0]).not.toMatch(/bearer/i);
    expect(requests[1]).toContain("authoriZation: Bearer t\r\n");
  });

  it("does not give a body to a POST that has none", async () => {
    const { endpoint, requests } = await answering(OK);
    const proxy = await proxyTo(endpoint);
    await dial(proxy, "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").closed();
    expect(requests[0]).toMatch(/content-length: 0\r\n/i);
    expect(requests[0]).not.toMatch(/transfer-encoding/i);
  });
});

describe("answer head", () => {
  it("reaches the client in its order, spelling and number, without additions", async () => {
    const { endpoint } = await answering(
      "HTTP/1.1 299 Quite Fine\r\nSeRvEr: odd\r\nSet-Cookie: a=1; Path=/\r\nX-A: 1\r\nset-cookie: b=2\r\n" +
        'x-a: 2\r\nContent-Disposition: attachment; filename="\xc3\xa9.csv"\r\nContent-Length: 2\r\n' +
        "Connection: x-secret, close\r\nX-Secret: 1\r\nKeep-Alive: timeout=1\r\n\r\nok",
    );
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const { text } = await client.closed();
    expect(text.endsWith("\r\n\r\nok")).toBe(true);
    expect(headLines(text)).toEqual([
      "HTTP/1.1 299 Quite Fine",
      "SeRvEr: odd",
      "Set-Cookie: a=1; Path=/",
      "X-A: 1",
      "set-cookie: b=2",
      "x-a: 2",
      'Content-Disposition: attachment; filename="\xc3\xa9.csv"',
      "Content-Length: 2",
      "Connection: close",
    ]);
  });

  it("drops what was set on the response before", async () => {
    const { endpoint } = await answering(OK);
    const proxy = await proxyTo(endpoint, { prepare: (res) => res.setHeader("X-Powered-By", "me") });
    const response = await fetch(proxy.url);
    expect(response.headers.get("x-powered-by")).toBeNull();
    expect(await response.text()).toBe("ok");
  });

  it("keeps an empty reason phrase and an unusual status", async () => {
    const { endpoint } = await answering("HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n");
    const proxy = await proxyTo(endpoint);
    const { text } = await dial(proxy, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").closed();
    expect(headLines(text)[0]).toBe("HTTP/1.1 799 ");
  });

  it("is taken also when it is larger than Node's default limit", async () => {
    const big = "b".repeat(40_000);
    const { endpoint } = await answering(`HTTP/1.1 200 OK\r\nX-Big: ${big}\r\nContent-Length: 0\r\n\r\n`);
    const proxy = await proxyTo(endpoint);
    const { text } = await dial(proxy, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").closed();
    expect(text).toContain(`X-Big: ${big}`);
  });
});

describe("answers without a body", () => {
  it.each([
    ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", "content-length: 12345"],
    ["HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer-encoding: chunked"],
    ["GET", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n", "x-a: 1"],
    ["GET", 'HTTP/1.1 304 Not Modified\r\nETag: "e"\r\nContent-Length: 77\r\n\r\n', "content-length: 77"],
    ["DELETE", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "content-length: 0"],
  ])("%s %s leaves the connection usable", async (method, answer, field) => {
    const { endpoint } = await answering(answer);
    const proxy = await proxyTo(endpoint);
    const client = dial(proxy, `${method} / HTTP/1.1\r\nHost: h\r\n\r\n`);
    await client.until(/\r\n\r\n$/);
    expect(client.text().toLowerCase()).toContain(`${field}\r\n`);
    client.socket.write(`${method} /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`);
    expect((await client.closed()).text.match(/HTTP\/1\.1 /g)).toHaveLength(2);
  });
});

describe("interim answers", () => {
  it("passes 103 with its fields before the answer", async () => {
    const { endpoint } = await answering(
      `HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n${OK}`,
    );
    const proxy = await proxyTo(endpoint);
    const { text } = await dial(proxy, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").closed();
    expect(
      text.startsWith("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n"),
    ).toBe(true);
    expect(text).toContain("HTTP/1.1 200 OK\r\n");
  });

  it("answers an expectation once and keeps it outside the container", async () => {
    const seen: (string | undefined)[] = [];
    const { endpoint } = await container((req, res) => {
      seen.push(req.headers.expect);
      req.pipe(res);
    });
    const proxy = await proxyTo(endpoint);
    const client = dial(
      proxy,
      "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n",
    );
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.socket.write("body");
    const { text } = await client.closed();
    expect(text.match(/100 Continue/g)).toHaveLength(1);
    expect(text).toContain("body");
    expect(seen).toEqual([undefined]);
  });

  it("lets the container decide about an expectation when asked to", async () => {
    const { endpoint, server } = await container((_req, res) => res.end("unused"));
    server.on("checkContinue", (req, res) => {
      if (req.url === "/no") return res.writeHead(417).end("too much");
      res.writeContinue();
      req.pipe(res);
    });
    const proxy = await proxyTo(endpoint, { endToEndContinue: true });
    const head =
      "HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n";
    const refused = await dial(proxy, `PUT /no ${head}`).closed();
    expect(refused.text.startsWith("HTTP/1.1 417 ")).toBe(true);
    const client = dial(proxy, `PUT /yes ${head}`);
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.socket.write("body");
    expect((await client.closed()).text).toContain("body");
  });
});

describe("connections to the container", () => {
  it("are kept alive and reused", async () => {
    let connections = 0;
    const { endpoint, server } = await container((req, res) => {
      req.resume().on("end", () => res.end("ok"));
    });
    server.on("connection", () => {
      connections += 1;
    });
    const proxy = await proxyTo(endpoint);
    for (const method of ["GET", "POST", "GET"]) {
      const init = method === "POST" ? { method, body: "x" } : { method };
      expect(await (await fetch(proxy.url, init)).text()).toBe("ok");
      await proxy.next();
    }
    expect(connections).toBe(1);
  });
});
