import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { expect, it } from "vitest";
import type { Ask } from "./row.js";
import { type Received, send } from "./send.js";
import { file2024, V2024_10 } from "./shapes.js";
import { interpreterUnderTest, pythonImage } from "./target.js";

const target = interpreterUnderTest(pythonImage);
const identifier = `large-${randomBytes(6).toString("hex")}`;
const MB = 1024 * 1024;
/** The documented default of `maxUploadFileSizeLimitInMBs` (byoc 2.3). */
const LIMIT_MB = 250;
/** What a 250 MB upload may add to the interpreter's peak of memory. Held in memory it would add all of it. */
const FLAT_MB = 120;

const ask = (path: string, more: Partial<Ask> = {}): Promise<Received> =>
  send(target, identifier, { path, query: `${V2024_10}&path=${identifier}`, ...more });

/** Uploads zeros in a stream, so that this process does not hold them. `before` the end something may be awaited. */
function upload(name: string, bytes: number, before: Promise<void> = Promise.resolve()): Promise<Received> {
  const zeros = Buffer.alloc(MB);
  async function* body() {
    yield Buffer.from(`--B\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`);
    for (let sent = 0; sent < bytes; sent += MB) yield zeros.subarray(0, Math.min(MB, bytes - sent));
    await before;
    yield Buffer.from("\r\n--B--\r\n");
  }
  return ask("/files", {
    headers: { "content-type": "multipart/form-data; boundary=B" },
    raw: Readable.from(body(), { objectMode: false }),
  });
}

const names = async () => {
  const { value } = JSON.parse((await ask("/files")).body.toString()) as { value: { name: string }[] };
  return value.map(({ name }) => name);
};

async function value(code: string): Promise<unknown> {
  const { body } = await ask("/executions", { json: { code } });
  return JSON.parse(body.toString()).result.executionResult;
}

/** Highest memory the interpreter's process has had so far, in MB. */
async function interpreterPeakMB(): Promise<number> {
  const code = `
import glob
def peak():
    for path in glob.glob('/proc/[0-9]*/cmdline'):
        try:
            if b'interpreter.mjs' not in open(path, 'rb').read():
                continue
            for line in open(path.replace('cmdline', 'status')):
                if line.startswith('VmHWM:'):
                    return int(line.split()[1])
        except OSError:
            pass
peak()`;
  return Number(await value(code)) / 1024;
}

it("byoc 2.3 byoc 3.6 takes a file of 250 MB without holding it in memory", async () => {
  const before = target.isOurs ? await interpreterPeakMB() : 0;
  const answer = await upload("large.bin", LIMIT_MB * MB);
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ name: "large.bin", sizeInBytes: LIMIT_MB * MB });
  expect(await names()).toEqual(["large.bin"]);
  expect(await value(`import os; os.path.getsize('/mnt/data/${identifier}/large.bin')`)).toBe(LIMIT_MB * MB);
  if (!target.isOurs) return;
  const after = await interpreterPeakMB();
  expect(before).toBeGreaterThan(10);
  expect(after - before, `peak went from ${before} to ${after} MB`).toBeLessThan(FLAT_MB);
});

it("byoc 3.6 gives it back whole and in parts, without holding it in memory", async () => {
  const before = target.isOurs ? await interpreterPeakMB() : 0;
  const whole = await ask("/files/large.bin/content");
  expect([whole.status, whole.body.length]).toEqual([200, LIMIT_MB * MB]);
  const last = await ask("/files/large.bin/content", { headers: { range: `bytes=${LIMIT_MB * MB - 3}-` } });
  expect([last.status, last.body.length]).toEqual([206, 3]);
  if (target.isOurs) expect((await interpreterPeakMB()) - before).toBeLessThan(FLAT_MB);
});

it("byoc 3.6 refuses one byte more with 413, and leaves the file that was there", async () => {
  const small = { files: [{ name: "kept.txt", content: "kept" }] };
  expect((await ask("/files", small)).status).toBe(200);
  const answer = await upload("kept.txt", LIMIT_MB * MB + 1);
  expect(answer.status).toBe(413);
  expect(answer.body.toString()).toContain("250 MB");
  expect(await names()).toEqual(["kept.txt", "large.bin"]);
  expect((await ask("/files/kept.txt/content")).body.toString()).toBe("kept");
  expect(JSON.parse((await ask("/files/kept.txt")).body.toString())).toEqual(
    file2024({ name: "kept.txt", size: 4 }),
  );
});

it("byoc 3.6 shows a file only when it is complete", async () => {
  let more = () => {};
  const waiting = new Promise<void>((resolve) => {
    more = resolve;
  });
  const sent = upload("slow.bin", 8 * MB, waiting);
  // Whatever of it has arrived by now, neither the list nor the session's code sees it.
  const looks: string[][] = [];
  for (let look = 0; look < 5; look += 1) {
    looks.push(await names());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const seenByCode = await value(`import os; 'slow.bin' in os.listdir('/mnt/data/${identifier}')`);
  more();
  expect((await sent).status).toBe(200);
  expect(looks.flat()).not.toContain("slow.bin");
  expect(seenByCode).toBe(false);
  expect(await names()).toContain("slow.bin");
});
