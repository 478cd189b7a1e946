import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { interpreter, type TestInterpreter } from "./support.js";

let box: TestInterpreter;
beforeAll(async () => {
  // Whoever runs the tests may have a profile that takes long.
  vi.stubEnv("HOME", "/nowhere");
  box = await interpreter({ mode: "shell" });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await box.close();
});

const run = (body: object) => box.api.post("/shellExecute?identifier=s1").send(body);

describe("POST /shellExecute", () => {
  it("runs a command in the data directory", async () => {
    const { body } = await run({ shellCommand: "pwd; echo oops >&2" }).expect(200);
    expect(body).toEqual({
      status: "Succeeded",
      errorName: "",
      errorMessage: "",
      exitCode: 0,
      identifier: "s1",
      result: { stdout: `${box.root}\n`, stderr: "oops\n", executionTimeInMilliseconds: expect.any(Number) },
    });
  });

  it("runs a program with arguments, untouched by any shell", async () => {
    const { body } = await run({ execCommandAndArgs: ["printf", "%s|", "a b", "$HOME"] });
    expect(body.result.stdout).toBe("a b|$HOME|");
  });

  it.each([
    ["exit 3", 3],
    ["kill -9 $$", 137],
    ["no-such-command", 127],
  ])("%s exits with %i", async (shellCommand, exitCode) => {
    expect((await run({ shellCommand })).body).toMatchObject({ status: "Failed", exitCode, errorName: "" });
  });

  it("gives input and leaves the shell to choose", async () => {
    expect((await run({ shellCommand: "cat", stdin: "in" })).body.result.stdout).toBe("in");
    const sh = await run({ shellCommand: "echo $0" }).set("x-shell-type", "sh");
    expect(sh.body.result.stdout).toBe("/bin/sh\n");
  });

  it("ends a command and its children at the time limit", async () => {
    const { body } = await run({ shellCommand: "echo begun; sleep 60 & sleep 60", timeoutInSeconds: 1 });
    expect(body).toMatchObject({ status: "Failed", exitCode: -1, errorName: "ExecutionTimeout" });
    expect(body.result).toMatchObject({ stdout: "begun\n", executionTimeInMilliseconds: 1000 });
  });

  it("does not wait for what runs on in the background", async () => {
    const { body } = await run({ shellCommand: "sleep 20 & echo done", timeoutInSeconds: 10 });
    expect(body).toMatchObject({ status: "Succeeded", result: { stdout: "done\n" } });
  });

  it("cuts each stream silently at 4096 bytes, or at the limit asked for", async () => {
    const both = "head -c 9000 /dev/zero | tr '\\0' x; head -c 9000 /dev/zero | tr '\\0' y >&2";
    const { body } = await run({ shellCommand: both });
    expect(body).toMatchObject({ status: "Succeeded", exitCode: 0 });
    expect([body.result.stdout, body.result.stderr]).toEqual(["x".repeat(4096), "y".repeat(4096)]);
    expect((await run({ shellCommand: both, outputStreamsMaxLength: 5 })).body.result.stdout).toBe("xxxxx");
  });

  it.each([
    ["aé€😀", 1, "a"],
    ["aé€😀", 2, "a"],
    ["aé€😀", 3, "aé"],
    ["aé€😀", 5, "aé"],
    ["aé€😀", 6, "aé€"],
    ["aé€😀", 9, "aé€"],
    ["aé€😀", 10, "aé€😀"],
    ["aé€😀", 0, ""],
  ])("cuts %s at %i bytes without half a character", async (text, outputStreamsMaxLength, kept) => {
    const { body } = await run({ shellCommand: "cat", stdin: text, outputStreamsMaxLength });
    expect(body.result.stdout).toBe(kept);
  });

  it("answers with replacement characters for output that is no UTF-8", async () => {
    const { body } = await run({ shellCommand: "printf 'a\\377\\000b'; printf '\\200' >&2" });
    expect(body.result).toMatchObject({ stdout: "a\ufffd\u0000b", stderr: "\ufffd" });
  });

  it("runs a command of 64 KB and says what to do with one of 128 KiB", async () => {
    const command = (bytes: number) => `x=${"a".repeat(bytes)}; echo \${#x}`;
    expect((await run({ shellCommand: command(64_000) })).body.result.stdout).toBe("64000\n");
    const { body } = await run({ shellCommand: command(128 * 1024) });
    expect(body).toMatchObject({ status: "Failed", exitCode: -1, errorName: "CommandStartError" });
    expect(body.errorMessage).toMatch(/less than 128 KiB.*Upload it as a file/);
  });

  it("never loses the last line before the end", async () => {
    const shellCommand = "seq 1 500; echo last; echo last >&2; exit 5";
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => run({ shellCommand, shellType: "sh" })),
      );
      for (const { body } of answers) {
        expect(body.result.stdout.endsWith("500\nlast\n") && body.result.stderr).toBe("last\n");
      }
    }
  });

  it("keeps what a command wrote before its background process went on", async () => {
    const shellCommand = "sleep 20 & head -c 60000 /dev/zero | tr '\\0' x; echo end";
    const { body } = await run({ shellCommand, outputStreamsMaxLength: 100_000 });
    expect(body.result.stdout.length).toBe(60_004);
  });

  it("runs commands at the same time", async () => {
    // Each one waits for a file that the other one makes.
    const meet = (mine: string, other: string) =>
      run({
        shellCommand: `touch ${mine}; until [ -e ${other} ]; do sleep 0.05; done`,
        timeoutInSeconds: 20,
      });
    const answers = await Promise.all([meet("a", "b"), meet("b", "a")]);
    expect(answers.map(({ body }) => body.status)).toEqual(["Succeeded", "Succeeded"]);
  });

  it("survives a command that removes the data directory", async () => {
    await run({ shellCommand: `rm -rf ${box.root}` });
    expect((await run({ shellCommand: "pwd" })).body.result.stdout).toBe(`${box.root}\n`);
  });

  it("gives a megabyte of input to a command that wants only its first line", async () => {
    const stdin = `first\n${"x".repeat(1_000_000)}`;
    expect((await run({ shellCommand: "head -1", stdin })).body.result.stdout).toBe("first\n");
  });

  it("says when a program cannot be started", async () => {
    const { body } = await run({ execCommandAndArgs: ["/no/such"] });
    expect(body).toMatchObject({ status: "Failed", exitCode: -1, errorName: "CommandStartError" });
  });

  it.each([
    {},
    { shellCommand: "a", execCommandAndArgs: ["b"] },
    { shellCommand: "a", shellType: "fish" },
    { shellCommand: "a", timeoutInSeconds: 0 },
    { shellCommand: "echo a\u0000b" },
    { shellCommand: 1 },
  ])("refuses %j", async (body) => {
    await run(body).expect(400);
  });

  it("says what is missing in the image's words", async () => {
    expect((await run({})).body).toContain("no command provided in the request");
  });
});

it("is healthy", async () => {
  expect((await box.api.get("/health").expect(200)).body).toBe("healthy");
});

describe("the WebSocket", () => {
  interface Message {
    stream?: string;
    data?: string;
    status?: string;
    errorName?: string;
    errorMessage?: string;
    exitCode?: number;
    identifier?: string;
    result?: { stdout: string; stderr: string };
  }

  const open = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(`${box.url.replace("http", "ws")}/shellExecuteWs?identifier=w1`);
      ws.on("open", () => resolve(ws)).on("error", reject);
    });

  /** Every message up to the answer of the last request. */
  function converse(ws: WebSocket, ...requests: string[]): Promise<Message[]> {
    const messages: Message[] = [];
    return new Promise((resolve, reject) => {
      ws.on("close", () => reject(new Error("closed")));
      ws.on("message", (data) => {
        messages.push(JSON.parse(String(data)));
        if (messages.filter(({ status }) => status !== undefined).length === requests.length)
          resolve(messages);
      });
      for (const request of requests) ws.send(request);
    });
  }
  const textOf = (messages: Message[], stream: string) =>
    messages.map((message) => (message.stream === stream ? message.data : "")).join("");

  it("streams output, then gives the result", async () => {
    const messages = await converse(
      await open(),
      JSON.stringify({ shellCommand: "echo a; echo b >&2; exit 4" }),
    );
    expect(messages).toContainEqual({ stream: "stdout", data: "a\n" });
    expect(messages).toContainEqual({ stream: "stderr", data: "b\n" });
    expect(messages.at(-1)).toMatchObject({
      exitCode: 4,
      identifier: "w1",
      result: { stdout: "a\n", stderr: "b\n" },
    });
  });

  it("streams whole what the result cuts, with characters intact", async () => {
    const shellCommand = "yes '€' | head -n 1000000";
    const messages = await converse(await open(), JSON.stringify({ shellCommand }));
    expect(textOf(messages, "stdout")).toBe("€\n".repeat(1_000_000));
    expect(Buffer.byteLength(messages.at(-1)?.result?.stdout ?? "")).toBe(4096);
  });

  it("runs requests one after the other and goes on after a bad one", async () => {
    const messages = await converse(
      await open(),
      JSON.stringify({ shellCommand: "sleep 0.3; echo first" }),
      "{",
      "{}",
      JSON.stringify({ shellCommand: "echo second" }),
    );
    const answers = messages.filter(({ status }) => status !== undefined);
    expect(answers.map(({ errorName, result }) => errorName || result?.stdout)).toEqual([
      "first\n",
      "BadRequest",
      "BadRequest",
      "second\n",
    ]);
    expect(answers[2]?.errorMessage).toContain("no command provided in the request");
  });

  it("kills the running command when it is closed", async () => {
    const ws = await open();
    const started = new Promise<string>((resolve) =>
      ws.on("message", (data) => resolve(JSON.parse(String(data)).data)),
    );
    ws.send(JSON.stringify({ shellCommand: "echo $$; exec sleep 60" }));
    const pid = Number(await started);
    ws.close();
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  });

  it("does not keep the interpreter from ending", async () => {
    const other = await interpreter({ mode: "shell" });
    const ws = new WebSocket(`${other.url.replace("http", "ws")}/shellExecuteWs`);
    await new Promise((resolve, reject) => ws.on("open", resolve).on("error", reject));
    const closed = new Promise((resolve) => ws.on("close", resolve));
    await other.close();
    await closed;
  });

  it("is not there under another path", async () => {
    const ws = new WebSocket(`${box.url.replace("http", "ws")}//`);
    const message = await new Promise((resolve) => ws.on("error", (error) => resolve(error.message)));
    expect(message).toBe("Unexpected server response: 404");
  });
});

it("kills every process of a command's group at the time limit", async () => {
  const shellCommand = "sleep 60 & echo $!; sleep 60 | cat";
  const { body } = await run({ shellCommand, timeoutInSeconds: 0.5 });
  const pid = Number(body.result.stdout);
  expect(pid).toBeGreaterThan(1);
  await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
});

it("reaches files outside of the data directory unless the configuration forbids it", async () => {
  const hosts = await box.api.get("/files/hosts/content?path=/etc&api-version=2025-10-02-preview");
  expect(hosts.status).toBe(200);
  const closed = await interpreter({ mode: "shell", fileOperation: "enableFullPathAccess: false" });
  try {
    const refused = await closed.api.get("/files/hosts/content?path=/etc&api-version=2025-10-02-preview");
    expect(refused.status).toBe(404);
  } finally {
    await closed.close();
  }
});

/** A process that has ended but that nobody has waited for is not running. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
