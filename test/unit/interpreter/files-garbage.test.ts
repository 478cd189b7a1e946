import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { interpreter, type TestInterpreter } from "./support.js";

let box: TestInterpreter;
beforeAll(async () => {
  box = await interpreter({ mode: "jupyter", settings: { asynchronous: "queued" } });
});
afterAll(() => box.close());

/** One request as bytes, with a path no client library would let through; resolves with the answer's bytes. */
function sendBytes(bytes: Buffer): Promise<string> {
  const { port } = new URL(box.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.setTimeout(20_000, () => socket.destroy(new Error("no answer")));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
    socket.write(bytes);
  });
}

function ask(method: string, target: string, headers: string[] = [], body: Buffer = Buffer.alloc(0)) {
  const length = headers.some((header) => /^(content-length|transfer-encoding):/i.test(header))
    ? []
    : [`Content-Length: ${body.length}`];
  const head = [`${method} ${target} HTTP/1.1`, "Host: x", "Connection: close", ...headers, ...length];
  return sendBytes(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]));
}

/** Status 2xx, 304 (to a condition) or 4xx; a refusal says why, as `{"message"}` or as a JSON string. */
function expectReasonable(answer: string, what: string): number {
  const [head = "", body = ""] = answer.split(/\r\n\r\n([\s\S]*)/);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]);
  expect(status, `${what} → ${answer.slice(0, 300)}`).toSatisfy(
    (code: number) => (code >= 200 && code < 300) || code === 304 || (code >= 400 && code < 500),
  );
  if (status >= 400) {
    const json: unknown = JSON.parse(plain(head, body));
    const message = typeof json === "string" ? json : (json as { message?: unknown }).message;
    expect(message, what).toEqual(expect.stringMatching(/./));
  }
  return status;
}

function plain(head: string, body: string): string {
  return /transfer-encoding: chunked/i.test(head)
    ? body.replace(/^[0-9a-f]+\r\n|\r\n0\r\n\r\n$/gi, "")
    : body;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
// Routes that run code need a kernel; what they refuse before that is in the table below.
const ROUTES = [
  "/",
  "/files",
  "/files/",
  "/files/content",
  "/files/upload",
  "/upload",
  "/upload/",
  "/download/",
  "/get/",
  "/delete/",
  "/listfiles",
  "/listfiles/",
  "/executions/",
  "/shellExecute",
];
const nasty = fc.constantFrom(
  "%",
  "%zz",
  "%00",
  "%ff",
  "%2e%2e",
  "%252e%252e",
  "..",
  ".",
  "//",
  "%2f",
  "%5c",
  "~",
  "content",
  "a",
  "mnt/data",
  "\u00e9",
  "?",
  "&",
  "path=",
  "path[]=",
  "path[a]=1",
  "recursive=",
  "api-version=",
  "api-version=2024-10-02",
  "api-version[x]=1",
  "identifier=",
  "=",
  ";",
  "a".repeat(300),
  "/a/b/c/d/e/f",
  "*",
  ":",
  "(",
  "[",
  "{",
  "|",
);
const noise = fc.array(nasty, { maxLength: 6 }).map((pieces) => pieces.join(""));
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const header = fc.constantFrom(
  "Content-Type: application/json",
  "Content-Type: multipart/form-data; boundary=B",
  "Content-Type: multipart/form-data; boundary=",
  "Content-Type: multipart/form-data",
  "Content-Type: text/plain; charset=utf-99",
  "Content-Type: ;;;",
  "Content-Encoding: gzip",
  "Content-Encoding: zip",
  "Range: bytes=9-1,-",
  "If-None-Match: *",
  "If-Modified-Since: yesterday",
  "Expect: nothing",
  "Operation-Id: ../..",
);
const multipart = fc
  .array(
    fc.constantFrom(
      "--B\r\n",
      "--B--\r\n",
      "--B--",
      "\r\n",
      "\r\n\r\n",
      "Content-Disposition: form-data",
      '; name="file"',
      '; filename="a.txt"',
      '; filename=""',
      "; filename*=utf-8''%zz",
      "; filename*=''",
      '; filename="=?x?B?@?="',
      "Content-Type: ",
      "hello",
      "\0",
      '; filename="../../x"',
      `; filename="${"n".repeat(400)}"`,
    ),
    { maxLength: 14 },
  )
  .map((pieces) => Buffer.from(pieces.join(""), "latin1"));

describe("garbage", () => {
  it("at any route is answered, never with 5xx", async () => {
    const request = fc.tuple(
      fc.constantFrom(...METHODS),
      fc.constantFrom(...ROUTES),
      noise,
      fc.array(header, { maxLength: 2 }),
      fc.oneof(bytes, multipart),
    );
    await fc.assert(
      fc.asyncProperty(request, async ([method, route, rest, headers, body]) => {
        const target = `${route}${rest}`;
        const answer = await ask(method, target, headers, body);
        expectReasonable(answer, `${method} ${target} ${headers.join(" ")}`);
      }),
      { numRuns: 500 },
    );
    expectReasonable(await ask("GET", "/files"), "afterwards");
  });

  it.each(["/executions", "/execute", "/code/execute"])("as the body of %s is 400", async (path) => {
    const json = fc.oneof(
      bytes.filter((body) => body.length > 0 && !isExecutable(body)),
      fc
        .json()
        .map((text) => Buffer.from(text))
        .filter((body) => !isExecutable(body)),
    );
    await fc.assert(
      fc.asyncProperty(json, async (body) => {
        const status = expectReasonable(
          await ask("POST", `${path}?api-version=2024-10-02-preview`, [], body),
          body.toString(),
        );
        expect(status).toBe(400);
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, string, string[], string]>([
    ["deeply nested JSON", "/executions", [], `{"code":${"[".repeat(200_000)}`],
    [
      "deeply nested well-formed JSON",
      "/executions",
      [],
      `{"code":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    ],
    ["a prototype", "/executions", [], '{"__proto__":{"code":"1"}}'],
    ["an encoding that is none", "/executions", ["Content-Encoding: zip"], '{"code":"1"}'],
    ["gzip that is none", "/executions", ["Content-Encoding: gzip"], '{"code":"1"}'],
    ["an unknown charset", "/executions", ["Content-Type: application/json; charset=x-9"], '{"code":"1"}'],
    ["a bad operation id", "/executions", ["Operation-Id: ../etc"], '{"code":"1"}'],
    ["numbers for words", "/executions", [], '{"code":1}'],
    ["a list", "/executions", [], '[{"code":"1"}]'],
    ["a timeout beyond numbers", "/executions", [], '{"code":"1","timeoutInSeconds":1e999}'],
    ["a negative output limit", "/executions", [], '{"code":"1","outputStreamsMaxLength":-1}'],
    ["properties that are none", "/code/execute", [], '{"properties":7}'],
  ])("%s is refused", async (_what, path, headers, body) => {
    const status = expectReasonable(await ask("POST", path, headers, Buffer.from(body)), body.slice(0, 80));
    expect(status).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ["no HTTP at all", "hello\r\n\r\n"],
    ["a bad header", "GET /files HTTP/1.1\r\nHost: x\r\nb@d header\r\n\r\n"],
    ["headers without end", `GET /files HTTP/1.1\r\nHost: x\r\nX: ${"y".repeat(40_000)}\r\n\r\n`],
    [
      "a bad chunk",
      "POST /files HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ["two lengths", "POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na"],
  ])("%s gets a message", async (what, text) => {
    const status = expectReasonable(await sendBytes(Buffer.from(text)), what);
    expect(status).toBeGreaterThanOrEqual(400);
    expectReasonable(await ask("GET", "/files"), "afterwards");
  });

  it("that breaks off leaves the interpreter answering", async () => {
    const { port } = new URL(box.url);
    const starts = [
      'POST /files HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 999\r\n\r\n--B\r\nContent-Disposition: form-data; name="file"; filename="cut.txt"\r\n\r\nhel',
      'POST /executions HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n{"code',
      "POST /files HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
    ];
    for (const start of starts) {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), "127.0.0.1", () => {
          socket.write(start, () => socket.destroy());
        });
        socket.on("close", () => resolve());
      });
    }
    await expect
      .poll(async () => expectReasonable(await ask("GET", "/files?api-version=2024-10-02"), "list"))
      .toBe(200);
    expect(
      (await box.api.get("/files")).body.filter((file: { name: string }) => file.name === "cut.txt"),
    ).toEqual([]);
  });
});

/** Whether a body would be run. */
function isExecutable(body: Buffer): boolean {
  try {
    const json = JSON.parse(body.toString()) as { code?: unknown; properties?: { code?: unknown } };
    return typeof (json?.properties?.code ?? json?.code) === "string";
  } catch {
    return false;
  }
}
