import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/emulator.js";
import { type InterpreterSession, interpreterForTests } from "./support.js";

// What happens to code that does not end by itself, or takes more than it is given (byoc 7.5, 7.6).
const interpreter = interpreterForTests("python", { memory: "1Gi" });
const TIMEOUT_WORDS = "Request timed out waiting for code execution to complete";

let session: InterpreterSession;
beforeAll(async () => {
  session = interpreter.session();
  await session.run("kept = 1");
});

async function keptVariables(): Promise<void> {
  expect((await session.run("kept")).result.executionResult).toBe(1);
}

describe("a run that exceeds its time", () => {
  it("is interrupted: it says so, keeps what was printed, and the variables live on", async () => {
    const answer = await session.run("print('so far', flush=True)\nimport time\ntime.sleep(100)", {
      timeoutInSeconds: 1,
    });
    expect(answer).toMatchObject({
      status: "Failed",
      result: { stdout: "so far\n", stderr: `${TIMEOUT_WORDS} after 1 seconds` },
      rawResult: { error_name: "Timeout", hresult: -2147205110 },
    });
    await keptVariables();
  });

  it("and swallows the interrupt: the kernel is restarted, and the answer says that the variables are lost", async () => {
    const deaf =
      "import time\nwhile True:\n  try:\n    time.sleep(0.01)\n  except KeyboardInterrupt:\n    pass";
    const call = session.run(deaf, { timeoutInSeconds: 1 });
    const behind = session.run("'kept' in globals()");
    const answer = await call;
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toContain(TIMEOUT_WORDS);
    expect(answer.result.stderr).toContain("variables are lost");
    expect(await behind).toMatchObject({ status: "Succeeded", result: { executionResult: false } });
    await session.run("kept = 1");
  });

  it("never leaves its interrupt to the next run", async () => {
    for (let round = 0; round < 25; round += 1) {
      // Ends about when its time is up: sometimes before the signal, sometimes by it, sometimes just after.
      await session.run(`import time\ntime.sleep(${0.2 + (round % 9) * 0.005})`, { timeoutInSeconds: 0.22 });
      const next = await session.run("sum(range(100_000))");
      expect(next).toMatchObject({
        status: "Succeeded",
        result: { executionResult: 4999950000, stderr: "" },
      });
    }
    await keptVariables();
  });

  it("in an except clause that runs on: both ends are one answer", async () => {
    const answer = await session.run(
      "import time\ntry:\n  time.sleep(60)\nexcept KeyboardInterrupt:\n  print('caught')\n5",
      { timeoutInSeconds: 1 },
    );
    expect(answer).toMatchObject({ status: "Failed", result: { stdout: "caught\n" } });
    expect(answer.result.stderr).toContain(TIMEOUT_WORDS);
    await keptVariables();
  });
});

describe("code that prints without end", () => {
  it("takes bounded memory, however much it prints", async () => {
    const before = await rss();
    const call = session.run("while True: print('x' * 1000)", {
      timeoutInSeconds: 8,
      outputStreamsMaxLength: 500,
    });
    const during: { interpreter: number; server: number }[] = [];
    const ended = call.then(() => true);
    while (!(await Promise.race([ended, new Promise((resolve) => setTimeout(() => resolve(false), 400))]))) {
      during.push(await rss());
    }
    const answer = await call;
    expect(answer.result.stdout).toBe(`${"x".repeat(500)}`);
    expect(answer.result.stderr).toContain(TIMEOUT_WORDS);
    expect(during.length).toBeGreaterThan(0);
    const most = Math.max(...during.map(({ interpreter }) => interpreter));
    // It prints 50 MB and more a second; single messages of that size are normal.
    expect(most - before.interpreter).toBeLessThan(250 * 1024);
    await keptVariables();
  });

  it("12 MB in one run come through whole when somebody asks for them", async () => {
    const lines = 200_000;
    const answer = await session.run(`for n in range(${lines}): print(f'{n:059d}')`, {
      outputStreamsMaxLength: 20_000_000,
    });
    const text = answer.result.stdout;
    expect(text.length).toBe(lines * 60);
    expect(text.endsWith(`${String(lines - 1).padStart(59, "0")}\n`)).toBe(true);
  });

  it("is cut at 4096 characters of each stream when nobody says how much", async () => {
    const answer = await session.run("import sys\nprint('é' * 9000)\nprint('e' * 9000, file=sys.stderr)\n3");
    expect(answer.result).toMatchObject({
      stdout: "é".repeat(4096),
      stderr: "e".repeat(4096),
      executionResult: 3,
    });
  });

  /** KB that the interpreter and the Jupyter server take. */
  async function rss(): Promise<{ interpreter: number; server: number }> {
    const lines = (await session.inContainer("ps axo rss=,args=")).split("\n");
    const of = (part: string) =>
      Number(
        lines
          .find((line) => line.includes(part))
          ?.trim()
          .split(/\s+/)[0],
      );
    return { interpreter: of("interpreter.mjs"), server: of("start_jupyter.py") };
  }
});

describe("code that takes more memory than the session has", () => {
  it("is told that its kernel was restarted, and the session goes on", async () => {
    const greedy = "hog = []\nwhile True: hog.append(bytearray(16 * 1024 * 1024))";
    const answer = await session.run(greedy, { timeoutInSeconds: 100 });
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toMatch(/Kernel restarted|MemoryError/);
    await eventually("the session is healthy", async () => (await session.request("/health")).ok);
    expect((await session.run("1 + 1")).result.executionResult).toBe(2);
  });
});
