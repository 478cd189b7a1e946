import { beforeAll, describe, expect, it } from "vitest";
import { type InterpreterSession, interpreterForTests } from "./support.js";

// What one run leaves behind (byoc 3.3, 7.3; api-reference 4.5, 4.6).
const interpreter = interpreterForTests("python");

let session: InterpreterSession;
beforeAll(async () => {
  session = interpreter.session();
  await session.run("1");
});

async function pngOf(code: string): Promise<Buffer> {
  const { result } = await session.run(code);
  expect(result.executionResult).toMatchObject({ type: "image", format: "png" });
  return Buffer.from((result.executionResult as { base64_data: string }).base64_data, "base64");
}

describe("the value", () => {
  it.each([
    ["None", null],
    ["a = None; a", null],
    ["{}.get", "<function dict.get(key, default=None, /)>"],
    ["print(1)", ""],
    ["x = 1", ""],
    ["5;", ""],
    ["# nothing", ""],
    ["def f(): pass", ""],
    ["await __import__('asyncio').sleep(0)", ""],
    ["await __import__('asyncio').sleep(0, 9)", 9],
    ["display(5)", 5],
    ["display(5)\n6", 6],
  ])("of %j is %j", async (code, value) => {
    expect((await session.run(code)).result.executionResult).toEqual(value);
  });

  it("of a run with two figures is the last one", async () => {
    const figure = (points: string) => `plt.figure()\nplt.plot(${points})\nplt.show()`;
    const start = "import matplotlib.pyplot as plt\n";
    const both = await pngOf(`${start}${figure("[1, 2]")}\n${figure("[3, 1, 3]")}`);
    const last = await pngOf(start + figure("[3, 1, 3]"));
    expect(both.subarray(1, 4).toString()).toBe("PNG");
    expect(both.equals(last)).toBe(true);
  });

  it("comes with a history that only the user's own code has written", async () => {
    const fresh = interpreter.session();
    expect((await fresh.request("/health")).status).toBe(200);
    await fresh.run("first = 1");
    expect((await fresh.run("len(In), In[1], _ih[-1] == In[2]")).result.executionResult).toBe(
      "(3, 'first = 1', True)",
    );
    expect(
      (await fresh.run("[n for n in globals() if 'none' in n.lower() or n == 'run']")).result.executionResult,
    ).toBe("[]");
  });
});

describe("errors", () => {
  it("of syntax name the line", async () => {
    const { status, result } = await session.run("x = 1\ny = = 2");
    expect(status).toBe("Failed");
    expect(result.stderr).toMatch(/line 2[\s\S]*SyntaxError: invalid syntax/);
  });

  it("come at once from code that asks for input", async () => {
    const { status, result } = await session.run("name = input('name? ')", { timeoutInSeconds: 100 });
    expect(status).toBe("Failed");
    expect(result.stderr).toContain("StdinNotImplementedError");
  });
});

describe("output", () => {
  it("of a shell command is stdout", async () => {
    const { result } = await session.run("!echo one && echo two");
    expect(result.stdout.replaceAll("\r\n", "\n")).toBe("one\ntwo\n");
  });

  it("of sub-processes is captured", async () => {
    const { result } = await session.run(
      "import os, subprocess\nos.system('echo a')\nsubprocess.run(['echo', 'b']).returncode",
    );
    expect(result).toMatchObject({ stdout: "a\nb\n", executionResult: 0 });
  });
});

describe("code beyond the Jupyter server's message limit", () => {
  it("of 11 MB runs, sees the session's variables and has a value", async () => {
    await session.run("before = 2");
    const filler = `# ${"x".repeat(1022)}\n`.repeat(11 * 1024);
    const answer = await session.run(`${filler}after = before + 1\nprint('ran')\nafter`);
    expect(answer).toMatchObject({ status: "Succeeded", result: { stdout: "ran\n", executionResult: 3 } });
    expect((await session.run("after")).result.executionResult).toBe(3);
  });
});

describe("useEmptyKernel", () => {
  it("runs on a kernel of its own, which keeps its variables, and leaves the session's alone", async () => {
    await session.run("mine = 1");
    const empty = { useEmptyKernel: true };
    expect((await session.run("'mine' in globals()", empty)).result.executionResult).toBe(false);
    await session.run("theirs = 2", empty);
    expect((await session.run("theirs", empty)).result.executionResult).toBe(2);
    expect((await session.run("mine, 'theirs' in globals()")).result.executionResult).toBe("(1, False)");
  });
});
