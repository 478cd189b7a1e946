import http from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  boundaryOfFirstLine,
  isMultipartWithBoundary,
  readFileUpload,
  readSingleFileUpload,
  singleFileBody,
  UploadError,
} from "../../../src/multipart/index.js";

interface Received {
  files?: { name: string; text: string }[];
  problem?: string;
  message?: string;
}

const LIMIT = 1000;
let server: http.Server;
let port: number;
let received: Promise<Received>;

/** A real server, so that bytes arrive as they do on the wire. */
beforeEach(async () => {
  let settle: (value: Received) => void;
  received = new Promise((resolve) => {
    settle = resolve;
  });
  server = http.createServer(async (req, res) => {
    const single = req.url === "/single";
    const onFile = async (name: string, stream: Readable) => {
      let text = "";
      for await (const chunk of stream) text += chunk;
      return { name, text };
    };
    try {
      const options = { limitBytes: LIMIT, onFile };
      const files = single ? [await readSingleFileUpload(req, options)] : await readFileUpload(req, options);
      settle({ files });
      res.end("ok");
    } catch (error) {
      const problem = error instanceof UploadError ? error.problem : "other";
      settle({ problem, message: (error as Error).message });
      res.statusCode = 400;
      res.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function send(body: string | Buffer, headers: Record<string, string>, path = "/"): Promise<Received> {
  const request = http.request({ host: "127.0.0.1", port, path, method: "POST", headers });
  request.on("error", () => {});
  request.on("response", (response) => response.resume());
  request.end(body);
  return received;
}

const part = (...headers: string[]) => `--B\r\n${headers.join("\r\n")}\r\n\r\nhello\r\n--B--\r\n`;
const quoted = 'Content-Disposition: form-data; name="file"; filename="t.txt"';
const FORM = "multipart/form-data; boundary=B";

describe("uploads in the dialects of HTTP stacks", () => {
  it.each<[string, string, string, Record<string, string>, string]>([
    ["requests: raw UTF-8", FORM, part(quoted.replace("t.txt", "ü x.txt")), {}, "ü x.txt"],
    ["requests and fetch: escaped quote", FORM, part(quoted.replace("t.txt", "ü%22x.txt")), {}, 'ü"x.txt'],
    ["az: no part content type", FORM, part(quoted), {}, "t.txt"],
    [
      "aiohttp: type line first, percent-encoded",
      FORM,
      part("Content-Type: text/plain", quoted.replace("t.txt", "my%20file.txt")),
      { "user-agent": "Python/3.12 aiohttp/3.9.5" },
      "my file.txt",
    ],
    [
      ".NET: unquoted tokens and filename*",
      'multipart/form-data; boundary="B"',
      part("Content-Disposition: form-data; name=file; filename=t.txt; filename*=utf-8''t.txt"),
      {},
      "t.txt",
    ],
    [
      ".NET: non-ASCII, filename* preferred",
      'multipart/form-data; boundary="B"',
      part(
        `Content-Disposition: form-data; name=file; filename="=?utf-8?B?w7xhLnR4dA==?="; filename*=utf-8''%C3%BCx.txt`,
      ),
      {},
      "üx.txt",
    ],
    [
      "encoded word without filename*",
      FORM,
      part('Content-Disposition: form-data; name="file"; filename="=?utf-8?B?w7x4LnR4dA==?="'),
      {},
      "üx.txt",
    ],
    ["a multipart body announced as JSON", "application/json", part(quoted), {}, "t.txt"],
    ["a multipart body announced without a boundary", "multipart/form-data", part(quoted), {}, "t.txt"],
    ["a name that carries a path", FORM, part(quoted.replace("t.txt", "/mnt/data/t.txt")), {}, "t.txt"],
  ])("%s", async (_what, contentType, body, headers, name) => {
    expect(await send(body, { "content-type": contentType, ...headers })).toEqual({
      files: [{ name, text: "hello" }],
    });
  });

  it("ignores text fields beside the file", async () => {
    const field = '--B\r\nContent-Disposition: form-data; name="identifier"\r\n\r\nabc\r\n';
    expect(await send(field + part(quoted), { "content-type": FORM })).toEqual({
      files: [{ name: "t.txt", text: "hello" }],
    });
  });

  it("finds the boundary when the first line arrives in pieces", async () => {
    const socket = connect(port, "127.0.0.1");
    const body = part(quoted);
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n--`,
    );
    await new Promise((resolve) => setTimeout(resolve, 30));
    socket.write(body.slice(2));
    expect(await received).toEqual({ files: [{ name: "t.txt", text: "hello" }] });
    socket.destroy();
  });
});

describe("uploads that are refused", () => {
  it("fail for a receiver that is not listening yet, and harm nobody else", async () => {
    const cut = `--B\r\n${quoted}\r\n\r\nhel`;
    const late = http.createServer(async (req, res) => {
      const onFile = async (_name: string, stream: Readable) => {
        await new Promise((resolve) => setTimeout(resolve, 50));
        for await (const _chunk of stream);
      };
      const failure = await readFileUpload(req, { limitBytes: LIMIT, onFile }).catch((error: Error) => error);
      res.end((failure as UploadError).problem);
    });
    await new Promise<void>((resolve) => late.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(late.address() as AddressInfo).port}`;
    const answer = await fetch(url, { method: "POST", body: cut, headers: { "content-type": FORM } });
    expect(await answer.text()).toMatch(/^(aborted|malformed)$/);
    late.close();
  });

  it("are refused only when every receiver has ended", async () => {
    let receiving = 0;
    const slow = http.createServer(async (req, res) => {
      const onFile = async (_name: string, stream: Readable) => {
        receiving += 1;
        try {
          for await (const _chunk of stream);
        } finally {
          // Tidying up takes its time.
          await new Promise((resolve) => setTimeout(resolve, 50));
          receiving -= 1;
        }
      };
      await readFileUpload(req, { limitBytes: LIMIT, onFile }).catch(() => {});
      res.end(String(receiving));
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
    const field = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n".repeat(200);
    for (const body of [`--B\r\n${quoted}\r\n\r\nhel`, `${part(quoted).slice(0, -4)}\r\n${field}--B--`]) {
      const answer = await fetch(url, { method: "POST", body, headers: { "content-type": FORM } });
      expect(await answer.text(), body.slice(0, 80)).toBe("0");
    }
    slow.close();
  });

  it("says that a JSON body is no form", async () => {
    expect(await send('{"a":1}', { "content-type": "application/json" })).toMatchObject({
      problem: "notMultipart",
    });
  });

  it("says that an empty body is no form", async () => {
    expect(await send("", { "content-type": "application/json" })).toMatchObject({ problem: "notMultipart" });
  });

  it("names the fields it found instead of 'file'", async () => {
    const body = part(quoted.replace('name="file"', 'name="document"'));
    const answer = await send(body, { "content-type": FORM });
    expect(answer.problem).toBe("noFile");
    expect(answer.message).toContain("'document'");
  });

  it("never ends the stream of a file over the limit as if it were complete", async () => {
    const body = part(quoted).replace("hello", "x".repeat(LIMIT + 1));
    expect(await send(body, { "content-type": FORM })).toMatchObject({ problem: "tooLarge" });
  });

  it("takes a file of exactly the limit", async () => {
    const text = "x".repeat(LIMIT);
    expect(await send(part(quoted).replace("hello", text), { "content-type": FORM })).toEqual({
      files: [{ name: "t.txt", text }],
    });
  });

  it("fails when the closing boundary is missing", async () => {
    const answer = await send(part(quoted).replace("--B--\r\n", ""), { "content-type": FORM });
    expect(["malformed", "aborted"]).toContain(answer.problem);
  });

  it("fails when the client goes away in the middle", async () => {
    const socket = connect(port, "127.0.0.1");
    const start = part(quoted).slice(0, -12);
    socket.write(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: ${FORM}\r\nContent-Length: 5000\r\n\r\n${start}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    expect(["malformed", "aborted"]).toContain((await received).problem);
  });

  it("refuses a second file where one is expected", async () => {
    const one = part(quoted).replace("--B--\r\n", "");
    const answer = await send(one + part(quoted), { "content-type": FORM }, "/single");
    expect(answer).toMatchObject({ problem: "severalFiles" });
  });
});

describe("the canonical form", () => {
  it.each(["plain.txt", 'ü "quoted" 100%.txt', "new\nline.txt"])("carries %j through", async (name) => {
    const { headers, body } = singleFileBody(name, Readable.from([Buffer.from("con"), Buffer.from("tent")]));
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect(await send(Buffer.concat(chunks), headers)).toEqual({ files: [{ name, text: "content" }] });
  });

  it("announces its length when the file's length is known", async () => {
    const { headers, body } = singleFileBody("a.bin", Readable.from([Buffer.alloc(10)]), { size: 10 });
    let length = 0;
    for await (const chunk of body) length += chunk.length;
    expect(headers["content-length"]).toBe(String(length));
  });
});

describe("boundaries", () => {
  it.each([
    ["multipart/form-data; boundary=abc", true],
    ['multipart/form-data; charset=utf-8; boundary="a b"', true],
    ["Multipart/Form-Data; Boundary=x", true],
    ["multipart/form-data", false],
    ["application/json; boundary=x", false],
  ])("of %s", (contentType, expected) => {
    expect(isMultipartWithBoundary(contentType)).toBe(expected);
  });

  it("are recognised in a body", () => {
    expect(boundaryOfFirstLine(Buffer.from("--tok-en\r\nX: y"))).toBe("tok-en");
    expect(boundaryOfFirstLine(Buffer.from("-- not closed"))).toBeUndefined();
    expect(boundaryOfFirstLine(Buffer.from('{"a": "--b"}\r\n'))).toBeUndefined();
  });
});
