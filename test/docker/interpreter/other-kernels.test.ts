import { describe, expect, it } from "vitest";
import { eventually } from "../support/emulator.js";
import { interpreterForTests } from "./support.js";

const TIMEOUT_WORDS = "Request timed out waiting for code execution to complete";

describe("R", () => {
  const interpreter = interpreterForTests("r");
  const session = () => interpreter.session();

  it("is healthy, also while code runs and after a restart", async () => {
    const box = session();
    await eventually("health", async () => (await box.request("/health")).ok);
    const running = box.run("file.create('/tmp/r'); Sys.sleep(3)");
    await box.reached("/tmp/r");
    expect((await box.request("/health")).status).toBe(200);
    await running;
    await box.run("quit()");
    expect((await box.run("1")).status).toBe("Succeeded");
    expect((await box.request("/health")).status).toBe(200);
  });

  it("gives the value of the last expression, streams, figures and errors", async () => {
    const box = session();
    expect((await box.run("x <- 5\nx * 2")).result).toMatchObject({ stdout: "", executionResult: "[1] 10" });
    expect((await box.run("y <- x")).result.executionResult).toBe("");
    expect((await box.run('cat("out\\n"); message("err"); 1')).result).toMatchObject({
      stdout: "out\n",
      stderr: expect.stringContaining("err"),
      executionResult: "[1] 1",
    });
    expect((await box.run("x\nplot(1:3)")).result.executionResult).toMatchObject({
      type: "image",
      format: "png",
    });
    const failed = await box.run('stop("no good")');
    expect(failed.status).toBe("Failed");
    expect(failed.result.stderr).toContain("no good");
    expect((await box.run("1 +")).result.stderr).toContain("unexpected end of input");
  });

  it("is interrupted when its time is up, and keeps its variables", async () => {
    const box = session();
    await box.run("x <- 5");
    const late = await box.run("repeat { Sys.sleep(0.01) }", { timeoutInSeconds: 1 });
    expect(late.result.stderr).toContain(TIMEOUT_WORDS);
    expect((await box.run("x")).result.executionResult).toBe("[1] 5");
  });

  it("runs code of 11 MB", async () => {
    const filler = `# ${"x".repeat(1022)}\n`.repeat(11 * 1024);
    expect((await session().run(`${filler}40 + 2`)).result.executionResult).toBe("[1] 42");
  });
});

describe("Deno", () => {
  const interpreter = interpreterForTests("node");
  const session = () => interpreter.session();

  it("gives values without colours, whenever they come", async () => {
    const box = session();
    // The kernel sends a value now and then after it has said that it is idle.
    for (let n = 0; n < 60; n += 1) expect((await box.run(`${n} + 1`)).result.executionResult).toBe(n + 1);
    expect((await box.run("[1, 'a']")).result.executionResult).toBe('[ 1, "a" ]');
    expect((await box.run("let z: number = 3")).result.executionResult).toBe("");
    expect((await box.run("console.log('out'); console.error('err'); z")).result).toMatchObject({
      stdout: "out\n",
      stderr: "err\n",
      executionResult: 3,
    });
  });

  it("says what is wrong with code that it cannot parse, and where", async () => {
    const box = session();
    const wrong = await box.run("const a = 1;\nlet = ;");
    expect(wrong.status).toBe("Failed");
    expect(wrong.result.stderr).toContain("SyntaxError: Expression expected (line 2, column 7)\n  let = ;\n");
    expect((await box.run("throw new TypeError('bad')")).result.stderr).toContain("TypeError: bad");
    expect((await box.run("typeof a")).result.executionResult).toBe("undefined");
  });

  it("never runs the code a second time to find out what was wrong", async () => {
    const box = session();
    await box.run("globalThis.times = 0");
    await box.run("times += 1; await import('./nowhere.ts')");
    expect((await box.run("times")).result.executionResult).toBeLessThanOrEqual(1);
  });

  it("is restarted when it runs without end, says that its variables are lost, and goes on", async () => {
    const box = session();
    await box.run("let kept = 1");
    const endless = await box.run("while (true) {}", { timeoutInSeconds: 1 });
    expect(endless.result.stderr).toContain(TIMEOUT_WORDS);
    expect(endless.result.stderr).toContain("variables are lost");
    expect((await box.run("typeof kept")).result.executionResult).toBe("undefined");
    expect((await box.request("/health")).status).toBe(200);
  });

  it("runs code of 11 MB", async () => {
    const filler = `// ${"x".repeat(1021)}\n`.repeat(11 * 1024);
    expect((await session().run(`${filler}40 + 2`)).result.executionResult).toBe(42);
  });
});
