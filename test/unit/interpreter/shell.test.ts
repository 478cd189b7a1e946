import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { interpreter, type TestInterpreter } from "./support.js";

let box: TestInterpreter;
beforeAll(async () => {
  box = await interpreter({ mode: "shell" });
});
afterAll(() => box.close());

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

  it("cuts each stream at the limit, 4096 by default", async () => {
    const both = "head -c 9000 /dev/zero | tr '\\0' x; head -c 9000 /dev/zero | tr '\\0' y >&2";
    const { result } = (await run({ shellCommand: both })).body;
    expect([result.stdout.length, result.stderr.length]).toEqual([4096, 4096]);
    expect((await run({ shellCommand: both, outputStreamsMaxLength: 5 })).body.result.stdout).toBe("xxxxx");
  });

  it("runs a command too long for an argument", async () => {
    const { body } = await run({ shellCommand: `x=${"a".repeat(300_000)}; echo \${#x}` });
    expect(body.result.stdout).toBe("300000\n");
  });

  it("says when a program cannot be started", async () => {
    const { body } = await run({ execCommandAndArgs: ["/no/such"] });
    expect(body).toMatchObject({ status: "Failed", exitCode: -1, errorName: "CommandStartError" });
  });

  it.each([
    {},
    { shellCommand: "a", execCommandAndArgs: ["b"] },
    { shellCommand: "a", shellType: "fish" },
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

it("streams output over a WebSocket, then gives the result", async () => {
  const ws = new WebSocket(`${box.url.replace("http", "ws")}/shellExecuteWs?identifier=w1`);
  const messages: { stream?: string; data?: string; exitCode?: number }[] = [];
  await new Promise<void>((resolve, reject) => {
    ws.on("open", () => ws.send(JSON.stringify({ shellCommand: "echo a; echo b >&2; exit 4" })));
    ws.on("error", reject);
    ws.on("message", (data) => {
      messages.push(JSON.parse(String(data)));
      if (messages.at(-1)?.exitCode !== undefined) resolve();
    });
  });
  ws.close();
  expect(messages).toContainEqual({ stream: "stdout", data: "a\n" });
  expect(messages).toContainEqual({ stream: "stderr", data: "b\n" });
  expect(messages.at(-1)).toMatchObject({
    exitCode: 4,
    identifier: "w1",
    result: { stdout: "a\n", stderr: "b\n" },
  });
});
