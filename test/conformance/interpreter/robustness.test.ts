import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Ask } from "./row.js";
import { type Received, send } from "./send.js";
import { V2024_10 } from "./shapes.js";
import { interpreterUnderTest, pythonImage } from "./target.js";

const target = interpreterUnderTest(pythonImage);
const identifier = `garbage-${randomBytes(6).toString("hex")}`;

const ask = (one: Ask) => send(target, identifier, one);
const run = (code: string): Ask => ({ path: "/executions", query: V2024_10, json: { code } });

/** Answered, and if it was refused, with words. */
function expectReasonable(received: Received, what: string): void {
  expect(received.status, `${what} → ${received.body.toString().slice(0, 300)}`).toBeLessThan(500);
  if (received.status < 400 || !target.isOurs) return;
  const json: unknown = JSON.parse(received.body.toString());
  // What the pool itself refuses is in the pool's form.
  const { message: own, error } = json as { message?: unknown; error?: { message?: unknown } };
  const message = typeof json === "string" ? json : (own ?? error?.message);
  expect(message, what).toEqual(expect.stringMatching(/./));
}

async function expectAlive(): Promise<void> {
  const { body } = await ask(run("20 + 22"));
  expect(JSON.parse(body.toString())).toMatchObject({ status: "Succeeded", result: { executionResult: 42 } });
}

const METHODS = ["GET", "POST", "PUT", "DELETE"] as const;
const ROUTES = [
  "/",
  "/health",
  "/executions",
  "/executions/",
  "/execute",
  "/code/execute",
  "/files",
  "/files/",
  "/files/upload",
  "/upload",
  "/upload/",
  "/download/",
  "/get/",
  "/delete/",
  "/listfiles",
  "/listfiles/",
  "/shellExecute",
  "/x",
];
const piece = fc.constantFrom(
  "%00",
  "%ff",
  "%zz",
  "%2e%2e",
  "%252e",
  "..",
  "//",
  "%2f",
  "content",
  "a",
  ";",
  ":",
  "*",
  "[",
  "n".repeat(300),
);
const contentType = fc.constantFrom(
  "application/json",
  "multipart/form-data; boundary=B",
  "multipart/form-data",
  "text/plain; charset=utf-99",
  "nothing",
);
const formPiece = fc.constantFrom(
  "--B\r\n",
  "--B--\r\n",
  "\r\n\r\n",
  'Content-Disposition: form-data; name="file"; filename="a.txt"',
  "hello",
  "\r\n",
  '{"code":',
  "\0",
  '; filename="../x"',
);

it("garbage at any route is refused with words, and the session still answers", async () => {
  const garbage = fc.record({
    method: fc.constantFrom(...METHODS),
    route: fc.constantFrom(...ROUTES),
    rest: fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join("")),
    type: contentType,
    body: fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes)),
      fc.array(formPiece, { maxLength: 8 }).map((pieces) => Buffer.from(pieces.join(""))),
      fc.json().map((text) => Buffer.from(text)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(garbage, async ({ method, route, rest, type, body }) => {
      const one: Ask = {
        method,
        path: `${route}${rest}`,
        query: V2024_10,
        headers: { "content-type": type },
      };
      expectReasonable(
        await ask(method === "GET" ? one : { ...one, raw: body }),
        `${method} ${route}${rest} ${type}`,
      );
    }),
    { numRuns: 300 },
  );
  await expectAlive();
});

it("code that is no program fails, and the session still answers", async () => {
  const words = fc.oneof(
    fc.string({ minLength: 1, maxLength: 60, unit: "binary" }),
    fc
      .array(fc.constantFrom("(", "'''", "\\", "\t", "\n", "%%", "?", "\u0000", "\ud800", "def ", "😀"), {
        minLength: 1,
        maxLength: 10,
      })
      .map((pieces) => pieces.join("")),
  );
  await fc.assert(
    fc.asyncProperty(words, async (code) => {
      const received = await ask({ ...run(code), json: { code, timeoutInSeconds: 5 } });
      expect([200, 202], received.body.toString().slice(0, 300)).toContain(received.status);
      expect(JSON.parse(received.body.toString()).status).toMatch(/^(Succeeded|Failed)$/);
    }),
    { numRuns: 60 },
  );
  await expectAlive();
});

it("uploads that break off leave nothing behind, and the session still answers", async () => {
  const start = '--B\r\nContent-Disposition: form-data; name="file"; filename="cut.txt"\r\n\r\nhello';
  for (const raw of [start, `${start}\r\n--B`, start.slice(0, 60), start.slice(0, 3)]) {
    const headers = { "content-type": "multipart/form-data; boundary=B" };
    const received = await ask({ path: "/files", query: `${V2024_10}&path=${identifier}`, raw, headers });
    expectReasonable(received, raw);
    expect(received.status).toBeGreaterThanOrEqual(400);
  }
  const listed = await ask({ path: "/files", query: `${V2024_10}&recursive=true` });
  expect(listed.body.toString()).not.toContain("cut.txt");
  await expectAlive();
});
