import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/emulator.js";
import { type InterpreterSession, interpreterForTests, killKernel } from "./support.js";

// Every way of byoc 7.4 in which a kernel ends, provoked in a real container. `timeoutInSeconds` is far above
// what any answer may take: an answer shows that the ending was noticed, not that the time was up.
const interpreter = interpreterForTests("python");
const PATIENT = { timeoutInSeconds: 150 };

/** Code that says where it is and then waits for its end. */
const waiting = (mark: string) =>
  [
    "import time",
    "print('before')",
    "time.sleep(0.5)", // the kernel itself keeps output back for 0.2 s
    `open('/tmp/${mark}', 'w').close()`,
    "time.sleep(140)",
  ].join("\n");

async function worksAgain(session: InterpreterSession): Promise<void> {
  const next = await session.run("x = 20\nx + 1", PATIENT);
  expect(next).toMatchObject({
    status: "Succeeded",
    result: { stdout: "", stderr: "", executionResult: 21 },
  });
  expect((await session.request("/health")).status).toBe(200);
}

describe("the kernel is killed", () => {
  let session: InterpreterSession;
  beforeAll(async () => {
    session = interpreter.session();
    await session.run("x = 1");
  });

  it("in mid-run: the waiting call says so and keeps what was printed, the next one works", async () => {
    const call = session.run(waiting("killed"), PATIENT);
    await session.reached("/tmp/killed");
    await killKernel(session);
    expect(await call).toMatchObject({
      status: "Failed",
      result: { stdout: "before\n", stderr: "Kernel restarted", executionResult: "" },
      rawResult: { error_name: "KernelRestarted", hresult: -2147205111 },
    });
    await worksAgain(session);
  });

  it("between two runs: the next one works on a new kernel", async () => {
    await session.run("x = 1");
    await killKernel(session);
    const next = await session.run("'x' in globals()", PATIENT);
    // Sent before anybody could know, a call may still be the one that is told.
    if (next.status === "Failed") expect(next.result.stderr).toBe("Kernel restarted");
    else expect(next.result.executionResult).toBe(false);
    await worksAgain(session);
  });

  it("with calls waiting behind: each gets its own answer", async () => {
    const first = session.run(waiting("queued"), PATIENT);
    await session.reached("/tmp/queued");
    const behind = [1, 2, 3].map((n) => session.run(`print(${n})`, PATIENT));
    await killKernel(session);
    expect((await first).result.stderr).toBe("Kernel restarted");
    expect((await Promise.all(behind)).map(({ result }) => result.stdout)).toEqual(["1\n", "2\n", "3\n"]);
  });
});

describe("the code ends its kernel", () => {
  it("with exit(): the call succeeds, the next one has a new kernel", async () => {
    const session = interpreter.session();
    await session.run("x = 1");
    expect(await session.run("print('bye')\nexit()", PATIENT)).toMatchObject({
      status: "Succeeded",
      result: { stdout: "bye\n", stderr: "" },
    });
    expect((await session.run("'x' in globals()", PATIENT)).result.executionResult).toBe(false);
    await worksAgain(session);
  });

  it("with os._exit: the call says that the kernel restarted", async () => {
    const session = interpreter.session();
    expect(await session.run("import os\nos._exit(3)", PATIENT)).toMatchObject({
      status: "Failed",
      result: { stderr: "Kernel restarted" },
    });
    await worksAgain(session);
  });

  it("with sys.exit(2): an ordinary exception, and the variables are still there", async () => {
    const session = interpreter.session();
    await session.run("x = 7");
    const answer = await session.run("import sys\nsys.exit(2)", PATIENT);
    expect(answer).toMatchObject({ status: "Failed", rawResult: { error_name: "SystemExit" } });
    expect(answer.result.stderr).toContain("SystemExit: 2");
    expect((await session.run("x")).result.executionResult).toBe(7);
  });

  it("seven times in a row: every call is told, and then a new kernel is there", async () => {
    const session = interpreter.session();
    for (let time = 0; time < 7; time += 1) {
      const answer = await session.run("import os\nos.kill(os.getpid(), 9)", PATIENT);
      expect(answer).toMatchObject({ status: "Failed", result: { stderr: "Kernel restarted" } });
    }
    await worksAgain(session);
  });
});

describe("somebody else acts on the kernel", () => {
  let session: InterpreterSession;
  beforeAll(async () => {
    session = interpreter.session();
    await session.run("1");
  });

  it("restarts it in mid-run: the waiting call says so, the next one works", async () => {
    const call = session.run(waiting("restarted"), PATIENT);
    await session.reached("/tmp/restarted");
    expect(await session.jupyter("POST", "/api/kernels/{kernel}/restart")).toMatch(/^200 /);
    const answer = await call;
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toMatch(/Kernel restarted|KeyboardInterrupt/);
    await worksAgain(session);
  });

  it("restarts it while requests come in: each gets an answer, none waits for its time limit", async () => {
    for (const delay of [0, 100, 300, 600, 900]) {
      const restart = session.jupyter("POST", "/api/kernels/{kernel}/restart");
      await new Promise((resolve) => setTimeout(resolve, delay));
      const answer = await session.run("6 * 7", PATIENT);
      if (answer.status === "Succeeded") expect(answer.result.executionResult).toBe(42);
      else expect(answer.result.stderr).toMatch(/Kernel restarted|KeyboardInterrupt|Execution aborted/);
      await restart;
    }
    await worksAgain(session);
  });

  it("deletes it in mid-run: the waiting call says so, the next one gets a new kernel", async () => {
    const call = session.run(waiting("deleted"), PATIENT);
    await session.reached("/tmp/deleted");
    expect(await session.jupyter("DELETE", "/api/kernels/{kernel}")).toMatch(/^204/);
    const answer = await call;
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toMatch(/Kernel restarted|KeyboardInterrupt/);
    await worksAgain(session);
  });

  it("deletes it between two runs: the next one gets a new kernel", async () => {
    expect(await session.jupyter("DELETE", "/api/kernels/{kernel}")).toMatch(/^204/);
    await worksAgain(session);
  });
});

it("the Jupyter server is killed: the waiting call is answered at once, and the session ends", async () => {
  const session = interpreter.session();
  await session.run("1");
  const call = session.request("/executions", {
    method: "POST",
    body: JSON.stringify({ code: waiting("server"), ...PATIENT }),
  });
  await session.reached("/tmp/server");
  await session.inContainer("pkill -KILL -f start_jupyter").catch(() => "");
  const answer = await call;
  const text = await answer.text();
  if (answer.ok) expect(text).toContain("Connection to the kernel was closed");
  else expect(answer.status).toBe(502);
  // The identifier gets a new session: its old one had nothing left to run code with.
  await eventually("the identifier has a session again", async () => (await session.request("/health")).ok);
  await worksAgain(session);
});
