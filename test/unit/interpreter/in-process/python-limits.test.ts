import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedSession, embedded, ranOf } from "./support.js";

let session: EmbeddedSession;
beforeAll(async () => {
  session = await embedded({ memoryBytes: 128 * 1024 * 1024 });
});
afterAll(() => session.close());

const SHORTLY = { timeoutInSeconds: 0.3 };

describe("a run at its time limit", () => {
  it.each([
    ["sleeps", "import time\ntime.sleep(60)"],
    ["counts", "while True: pass"],
    ["awaits", "import asyncio\nawait asyncio.sleep(60)"],
    ["awaits what never comes", "await asyncio.get_event_loop().create_future()"],
    ["awaits in a loop of its own", "asyncio.run(asyncio.sleep(60))"],
    ["catches everything once", "try:\n    time.sleep(60)\nexcept BaseException:\n    print('caught')"],
  ])("that %s is interrupted, and the variables stay", async (_, code) => {
    await session.run("kept = 'still here'");
    const ran = await session.run(code, SHORTLY);
    expect(ran).toMatchObject({ status: "Failed", error: "Timeout" });
    expect(ran.stderr).toMatch(/timed out[\s\S]*0\.3 seconds$/);
    expect(await session.run("kept")).toMatchObject({ status: "Succeeded", value: "still here" });
  });

  it("that ignores the interrupt loses the variables, and says so", async () => {
    const code =
      "import time\nwhile True:\n    try:\n        while True: pass\n    except BaseException: pass";
    expect((await session.run(code, SHORTLY)).stderr).toMatch(/variables are lost/);
    expect((await session.run("kept")).error).toBe("NameError");
  });

  it("does not reach the run behind it", async () => {
    const [first, second] = await Promise.all([
      session.run("import time\ntime.sleep(30)", SHORTLY),
      session.run("sum(range(100_000))"),
    ]);
    expect(first.error).toBe("Timeout");
    expect(second.value).toBe(4_999_950_000);
  });
});

describe("memory", () => {
  it.each([
    ["at once", "hoard = bytearray(1_000_000_000)"],
    ["piece by piece", "hoard = []\nwhile True: hoard.append(bytearray(1_000_000))"],
    ["in small pieces", "hoard = []\nwhile True: hoard.append(str(len(hoard)) * 20)"],
  ])("that is used up %s is a MemoryError, and the session goes on", async (_, code) => {
    expect(await session.run(code)).toMatchObject({ status: "Failed", error: "MemoryError" });
    await session.run("hoard = None");
    expect((await session.run("len(bytearray(1_000_000))")).value).toBe(1_000_000);
  });
});

describe("the end of a session's Python", () => {
  it("comes with exit(), and another one begins", async () => {
    await session.run("gone = 1");
    expect(await session.run("exit()")).toMatchObject({ status: "Succeeded" });
    expect((await session.run("gone")).error).toBe("NameError");
    expect((await session.run("get_ipython().execution_count")).value).toBe(2);
  });

  it("by breaking down is told, and another one begins", async () => {
    // The deepest recursion that Python's own limit does not see.
    const broken = await session.run("import sys\nsys.setrecursionlimit(10**9)\ndef f(): f()\nf()");
    expect(["RecursionError", "KernelRestarted"]).toContain(broken.error);
    expect((await session.run("1 + 1")).value).toBe(2);
  });
});

it("a session is healthy while code runs", async () => {
  const busy = session.run("import time\ntime.sleep(1)\n'done'");
  expect((await session.ask("GET", "/health")).status).toBe(200);
  expect((await busy).value).toBe("done");
});

it("asynchronous runs wait their turn and can be polled", async () => {
  const path = "/executions?api-version=2024-10-02-preview";
  const submit = (code: string) =>
    session.ask("POST", path, { code, executionType: "Asynchronous" }).then(({ json }) => json.id as string);
  await session.run("order = []");
  const first = await submit("import time\ntime.sleep(0.3)\norder.append(1)");
  const second = await submit("order.append(2)\norder");
  const poll = (id: string) => session.ask("GET", `/executions/${id}?api-version=2024-10-02-preview`);
  expect((await poll(first)).json.status).toMatch(/NotStarted|Running|Succeeded/);
  // The queue is one: a synchronous run ends after everything before it.
  await session.run("None");
  expect((await poll(first)).json.status).toBe("Succeeded");
  const { json } = await poll(second);
  expect(ranOf({ ...json, rawResult: { error_name: "" } })).toMatchObject({ value: "[1, 2]" });
});
