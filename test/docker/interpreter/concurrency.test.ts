import { beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../support/emulator.js";
import { type Execution, type InterpreterSession, interpreterForTests } from "./support.js";

// Several calls to one session at once (byoc 7.7). One kernel, so one run at a time, in the order of arrival.
const interpreter = interpreterForTests("python");

let session: InterpreterSession;
beforeAll(async () => {
  session = interpreter.session();
  await session.run("order = []");
});

describe("twenty calls at once", () => {
  it("each get their own output and value, and run one after the other", async () => {
    const calls = Array.from({ length: 20 }, (_, n) =>
      session.run(
        `import sys\nprint('out ${n}')\nprint('err ${n}', file=sys.stderr)\norder.append(${n})\n${n} * 10`,
      ),
    );
    for (const [n, answer] of (await Promise.all(calls)).entries()) {
      expect(answer).toMatchObject({
        status: "Succeeded",
        result: { stdout: `out ${n}\n`, stderr: `err ${n}\n`, executionResult: n * 10 },
      });
    }
    const order = (await session.run("','.join(map(str, sorted(order)))")).result.executionResult;
    expect(order).toBe(Array.from({ length: 20 }, (_, n) => n).join(","));
  });

  it("run in the order in which they arrive", async () => {
    await session.run("order.clear()");
    const calls: Promise<Execution>[] = [];
    for (let n = 0; n < 6; n += 1) {
      calls.push(session.run(`import time\ntime.sleep(0.3)\norder.append(${n})`));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await Promise.all(calls);
    expect((await session.run("order")).result.executionResult).toBe("[0, 1, 2, 3, 4, 5]");
  });

  it("fail on their own: an error in one does not stop those behind it", async () => {
    const calls = Array.from({ length: 6 }, (_, n) => session.run(n % 2 === 0 ? "1 / 0" : `${n}`));
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual(
      [0, 1, 2, 3, 4, 5].map((n) => (n % 2 === 0 ? "Failed" : "Succeeded")),
    );
  });
});

it("a client that goes away in mid-run does not end the run, and the next call is answered after it", async () => {
  const leaving = new AbortController();
  const body = JSON.stringify({
    code: "open('/tmp/left', 'w').close()\nimport time\ntime.sleep(1)\nstayed = True",
  });
  const call = session.request("/executions", { method: "POST", body, signal: leaving.signal });
  call.catch(() => {});
  await session.reached("/tmp/left");
  leaving.abort();
  await expect(call).rejects.toThrow();
  expect((await session.run("stayed")).result.executionResult).toBe(true);
});

it("a thread's output after the end of its run reaches nobody else", async () => {
  const late = "import threading\nthreading.Timer(0.4, lambda: print('late')).start()\nprint('now')";
  expect((await session.run(late)).result.stdout).toBe("now\n");
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await session.run("print('next')")).result.stdout).toBe("next\n");
});

describe("asynchronous runs", () => {
  const modes = [
    { mode: "queue", shares: true, overtakes: false },
    // Debian's ipykernel has no subshells: the runs are queued.
    { mode: "subshell", shares: true, overtakes: false },
    { mode: "kernel", shares: false, overtakes: true },
  ];

  describe.each(modes)("with CODE_INTERPRETER_ASYNC=$mode", ({ mode, shares, overtakes }) => {
    const own = interpreterForTests("python", { env: { CODE_INTERPRETER_ASYNC: mode } });
    let box: InterpreterSession;
    beforeAll(async () => {
      box = own.session();
      await box.run("seen = 41");
    });

    it("are submitted, polled and finished", async () => {
      const submitted = await submit(box, "print('done')\n6 * 7");
      expect(submitted.status).toBe(202);
      expect(submitted.headers.get("operation-location")).toContain(
        `/executions/${submitted.headers.get("operation-id")}?`,
      );
      const end = await finished(box, submitted.headers.get("operation-id") ?? "");
      expect(end).toMatchObject({ status: "Succeeded", result: { stdout: "done\n", executionResult: 42 } });
    });

    it(`${shares ? "see" : "do not see"} the session's variables`, async () => {
      const submitted = await submit(box, "'seen' in globals()");
      const end = await finished(box, submitted.headers.get("operation-id") ?? "");
      expect(end.result.executionResult).toBe(shares);
    });

    it(`${overtakes ? "run beside" : "wait behind"} a synchronous run, and say so truly`, async () => {
      const running = box.run(
        "open('/tmp/sync', 'w').close()\nimport time\ntime.sleep(3)\nopen('/tmp/sync-end', 'w').close()",
      );
      await box.reached("/tmp/sync");
      const id =
        (await submit(box, "import os\nos.path.exists('/tmp/sync-end')")).headers.get("operation-id") ?? "";
      const first = await poll(box, id);
      if (!overtakes) expect(first.status).toBe("NotStarted");
      const end = await finished(box, id);
      expect(end.result.executionResult).toBe(!overtakes);
      expect((await running).status).toBe("Succeeded");
    });

    it("have a WebSocket of their own, as long as they run", async () => {
      expect(await connections(box)).toBe(shares ? 1 : 2);
      const id = (
        await submit(box, "open('/tmp/async', 'w').close()\nimport time\ntime.sleep(3)")
      ).headers.get("operation-id");
      await box.reached("/tmp/async");
      expect(await connections(box)).toBe(shares ? 2 : 3);
      await finished(box, id ?? "");
      await eventually("the socket is closed", async () => (await connections(box)) === (shares ? 1 : 2));
    });

    it("fail as synchronous ones do", async () => {
      const id = (await submit(box, "1 / 0")).headers.get("operation-id") ?? "";
      const end = await finished(box, id);
      expect(end.status).toBe("Failed");
      expect(end.result.stderr).toContain("ZeroDivisionError");
    });

    it("time out as synchronous ones do, and leave the session usable", async () => {
      const id =
        (await submit(box, "import time\ntime.sleep(60)", { timeoutInSeconds: 1 })).headers.get(
          "operation-id",
        ) ?? "";
      expect((await poll(box, id)).status).toMatch(/NotStarted|Running/);
      expect((await finished(box, id)).result.stderr).toContain("Request timed out");
      expect((await box.run("seen")).result.executionResult).toBe(41);
    });
  });
});

/** WebSockets to all kernels of the session. */
async function connections(box: InterpreterSession): Promise<number> {
  const kernels = (await box.jupyter("GET", "/api/kernels")).replace(/^200 /, "");
  return (JSON.parse(kernels) as { connections: number }[]).reduce((sum, one) => sum + one.connections, 0);
}

function submit(
  box: InterpreterSession,
  code: string,
  more: Record<string, unknown> = {},
): Promise<Response> {
  const body = JSON.stringify({ code, executionType: "Asynchronous", ...more });
  return box.request("/executions", { method: "POST", body });
}

async function poll(box: InterpreterSession, id: string): Promise<Execution> {
  return (await (await box.request(`/executions/${id}`)).json()) as Execution;
}

async function finished(box: InterpreterSession, id: string): Promise<Execution> {
  await eventually(
    `execution ${id} ends`,
    async () => !/NotStarted|Running/.test((await poll(box, id)).status),
  );
  return poll(box, id);
}
