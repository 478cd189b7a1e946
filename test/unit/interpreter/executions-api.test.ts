import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dialectFor, LEGACY_DIALECT } from "../../../src/interpreter/api/dialect.js";
import {
  ancestorBody,
  executionBody,
  legacyBody,
  submittedBody,
} from "../../../src/interpreter/api/execution-body.js";
import type { Operation } from "../../../src/interpreter/execution/operations.js";
import type { RunOutcome } from "../../../src/interpreter/execution/outcome.js";
import { SerialQueue } from "../../../src/interpreter/execution/queue.js";
import { interpreter, type TestInterpreter } from "./support.js";

const outcome: RunOutcome = {
  stdout: "hi\n",
  stderr: "",
  value: undefined,
  bundle: undefined,
  error: undefined,
  durationMs: 9,
};
const operation = (more: Partial<Operation> = {}): Operation => ({
  id: "id-1",
  identifier: "s1",
  executionType: "synchronous",
  outputLimit: 4096,
  jupyterFormat: false,
  status: "Succeeded",
  outcome,
  ...more,
});
const dialect = (version?: string) => dialectFor(version, "auto");

describe("bodies of executions", () => {
  it("of 2024-10: recordings D1", () => {
    expect(executionBody(operation(), dialect("2024-10-02-preview"), false)).toEqual({
      id: "id-1",
      identifier: "s1",
      sessionId: "s1",
      executionType: "synchronous",
      status: "Succeeded",
      result: { stdout: "hi\n", stderr: "", executionResult: "", executionTimeInMilliseconds: 9 },
      rawResult: {
        hresult: 0,
        result: "",
        error_name: "",
        error_message: "",
        error_stack_trace: "",
        stdout: "hi\n",
        stderr: "",
        diagnosticInfo: {
          executionRequestTimeInMilliSeconds: 9,
          executionProcessResponseTimeInMilliSeconds: 0,
          executionDuration: 9,
          identifier: "s1",
        },
        operationId: "id-1",
      },
    });
  });

  it("of an asynchronous submit in 2024-10: recordings D2", () => {
    const body = submittedBody(
      operation({ status: "NotStarted", outcome: undefined }),
      dialect("2024-10-02-preview"),
    );
    expect(body).toMatchObject({
      id: "id-1",
      status: "Running",
      rawResult: { result: null, stdout: "id-1" },
    });
    expect(body).not.toHaveProperty("result");
  });

  it("of the container specification of 2026", () => {
    const body = executionBody(operation(), dialect(), false);
    expect(Object.keys(body).sort()).toEqual(["executionType", "id", "identifier", "result", "status"]);
    expect(body.result).toMatchObject({ executionResult: null });
    expect(submittedBody(operation(), dialect())).toMatchObject({
      status: "NotStarted",
      result: { stdout: "id-1", executionResult: null },
    });
  });

  it("of a failed run", () => {
    const error = {
      name: "NameError",
      message: "no x",
      traceback: "\u001b[31mNameError\u001b[0m: no x",
      hresult: -1,
    };
    const failed = operation({ status: "Failed", outcome: { ...outcome, error } });
    expect(executionBody(failed, dialect("2024-10-02-preview"), false)).toMatchObject({
      status: "Failed",
      result: { stdout: "hi\n", stderr: "NameError: no x" },
      rawResult: {
        hresult: -1,
        result: null,
        error_name: "NameError",
        error_stack_trace: error.traceback,
        stderr: "",
      },
    });
    expect(legacyBody(failed, LEGACY_DIALECT, false)).toMatchObject({ properties: { status: "Failure" } });
  });

  it("of the old API: recordings D5 and D7", () => {
    expect(legacyBody(operation(), LEGACY_DIALECT, false)).toEqual({
      properties: {
        $id: "id-1",
        status: "Success",
        stdout: "hi\n",
        stderr: "",
        executionResult: "",
        executionTimeInMilliseconds: 9,
      },
    });
    const image = { type: "image", format: "png", base64_data: "AA==" } as const;
    expect(ancestorBody(operation({ outcome: { ...outcome, value: image } }))).toMatchObject({
      hresult: 0,
      result: { officepy_result: image },
    });
    expect(ancestorBody(operation({ outcome: { ...outcome, value: 2 } }))).toMatchObject({ result: 2 });
  });

  it("carry the kernel's own bundle on demand", () => {
    const bundle = { "text/plain": "2", "text/html": "<b>2</b>" };
    const raw = operation({ jupyterFormat: true, outcome: { ...outcome, value: 2, bundle } });
    expect(executionBody(raw, dialect(), false).result).toMatchObject({ executionResult: bundle });
  });
});

describe("dialects", () => {
  it.each([
    ["2024-02-02-preview", 202, true],
    ["2024-10-02-preview", 202, true],
    ["2025-02-02-preview", 200, true],
    ["2025-10-02-preview", 200, true],
    ["2031-01-01", 200, true],
    [undefined, 200, false],
  ])("of %s: status %i, raw result %s", (version, executionStatus, rawResult) => {
    expect(dialect(version)).toMatchObject({ executionStatus, rawResult });
  });

  it("can be set for all requests", () => {
    expect(dialectFor("2025-10-02-preview", "2024").executionStatus).toBe(202);
    expect(dialectFor("2024-10-02-preview", "2026").executionStatus).toBe(200);
  });
});

describe("requests that no kernel need see", () => {
  let box: TestInterpreter;
  beforeAll(async () => {
    box = await interpreter({ mode: "jupyter", settings: { asynchronous: "off" } });
  });
  afterAll(() => box.close());
  const V = "api-version=2024-10-02-preview";

  it.each([
    ["{}", "`Code` field is required in the request"],
    ['{"properties":{}}', "`Code` field is required in the request"],
    ["null", "request body is empty"],
    ["{nope", "error unmarshaling JSON"],
    ['{"code":"1","codeInputType":"zip"}', "codeInputType"],
    ['{"code":"%%","codeInputType":"InlineBase64"}', "base64"],
    ['{"code":"1","timeoutInSeconds":-1}', "timeoutInSeconds"],
    ['{"code":"1","timeoutInSeconds":"soon"}', "timeoutInSeconds"],
    ['{"code":"1","executionType":"Asynchronous"}', "isAsynchronousExecutionSupported"],
  ])("%s is 400", async (body, message) => {
    for (const path of ["/executions", "/execute", "/code/execute"]) {
      const answer = await box.api
        .post(`${path}?${V}`)
        .set("content-type", "text/plain")
        .send(body)
        .expect(400);
      expect(answer.body.message).toContain(message);
    }
  });

  it("writes messages as the dialect does", async () => {
    const answer = await box.api.post("/executions").send({}).expect(400);
    expect(answer.body).toBe("`Code` field is required in the request");
  });

  it("knows no execution it has not seen", async () => {
    const answer = await box.api.get(`/executions/nope?${V}`).expect(404);
    expect(answer.body).toEqual({ message: "No execution available for operation Id: nope" });
  });

  it("is not healthy while there is no kernel, but serves files", async () => {
    expect((await box.api.get(`/health?${V}`).expect(500)).body).toEqual({ message: "unhealthy" });
    await box.api.get("/health/startup").expect(500);
    await box.api.get("/files").expect(200);
    expect((await box.api.get("/").expect(200)).text).not.toContain("token");
  });
});

it("a queue keeps its order and survives a failing task", async () => {
  const queue = new SerialQueue();
  const seen: number[] = [];
  const task = (n: number, fails = false) =>
    queue.run(async () => {
      await new Promise((resolve) => setTimeout(resolve, n === 1 ? 20 : 0));
      seen.push(n);
      if (fails) throw new Error(`task ${n}`);
    });
  const all = [task(1), task(2, true), task(3)];
  expect((await Promise.allSettled(all)).map((end) => end.status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(seen).toEqual([1, 2, 3]);
});
