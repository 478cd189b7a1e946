import { describe, expect, test } from "vitest";
import {
  abortedOutcome,
  readExecution,
  renderPolledExecution,
  routeBuiltIn,
  timedOutOutcome,
  toInterpreterPoll,
} from "../../../src/service/index.js";
import { interpreterResult } from "../../conformance/recordings/exchange.js";
import { answer, context, parse, V24, V25 } from "./executions.js";
import { refusal } from "./refusal.js";

describe("values", () => {
  const image = { type: "image", format: "png", base64_data: "iVBORw0KGgo=" };
  test.each([
    [2, 2],
    [true, true],
    ["text", "text"],
    [image, image],
    [{ officepy_result: image }, image],
  ])("%j", (value, shown) => {
    const told = interpreterResult({ value });
    const flat = JSON.parse(answer(told, parse({ code: "1" })).body ?? "");
    expect(flat.result.executionResult).toEqual(shown);
    const legacy = JSON.parse(answer(told, parse({ code: "1" }), V24, "/code/execute").body ?? "");
    expect(legacy.properties.result).toEqual(shown);
  });

  test("null is null for 2025-10-02-preview alone, and no value is an empty string everywhere", () => {
    const shown = (told: { status: number; body: string }, version: string) =>
      JSON.parse(answer(told, parse({ code: "1" }), version).body ?? "").result.executionResult;
    expect(shown(interpreterResult({ value: null }), V25)).toBeNull();
    expect(shown(interpreterResult({ value: null }), V24)).toBe("");
    expect(shown({ status: 200, body: '{"status":"Succeeded","result":{}}' }, V25)).toBe("");
  });

  test("the spring-2024 wire is flat", () => {
    const told = interpreterResult({ stdout: "x", value: 2, duration: 3 });
    expect(answer(told, parse({ code: "1" }), V24, "/python/execute").body).toBe(
      '{"$id":"1","status":"Success","stdout":"x","stderr":"","result":2,"executionTimeInMilliseconds":3}',
    );
  });
});

describe("failures", () => {
  const stderrOf = (told: { status: number; body: string }, body: object = {}) =>
    readExecution(told, parse({ code: "1", ...body }), context).stderr;

  test("a traceback that stderr has already is not repeated", () => {
    const trace = "\u001b[31mValueError\u001b[0m: no";
    for (const stderr of [`warning\n${trace}`, "warning\nValueError: no"]) {
      expect(
        stderrOf(interpreterResult({ status: "Failed", stderr, raw: { error_stack_trace: trace } })),
      ).toBe("warning\nValueError: no");
    }
  });

  test("a message that stderr has already is not repeated under its name", () => {
    const raw = { error_name: "KernelRestarted", error_message: "Kernel restarted" };
    expect(stderrOf(interpreterResult({ status: "Failed", stderr: "Kernel restarted", raw }))).toBe(
      "Kernel restarted",
    );
  });

  test("a traceback stands on a line of its own and outlives the cut of the stream", () => {
    const told = interpreterResult({
      status: "Failed",
      stderr: "0123456789",
      raw: { error_stack_trace: "ValueError: no" },
    });
    expect(stderrOf(told, { outputStreamsMaxLength: 4 })).toBe("0123\nValueError: no");
  });

  test("E5: after the time limit only the program's own words and the service's remain", () => {
    const trace = "\u001b[31mKeyboardInterrupt\u001b[0m";
    const raw = { error_name: "Timeout", error_stack_trace: trace };
    expect(stderrOf(interpreterResult({ status: "Failed", stderr: `slow\n${trace}\n`, raw }))).toBe(
      "slow\nRequest timed out waiting for code execution to complete",
    );
  });

  test("without a traceback, name and message; without rawResult, stderr as it is but for colours", () => {
    expect(
      stderrOf(interpreterResult({ status: "Failed", raw: { error_name: "E", error_message: "m" } })),
    ).toBe("E: m");
    expect(stderrOf(interpreterResult({ status: "Failed", stderr: "\u001b[31mE\u001b[0m: m" }))).toBe("E: m");
  });

  test("a successful program's stderr is its own, colours and all", () => {
    expect(stderrOf(interpreterResult({ stderr: "\u001b[31mred\u001b[0m" }))).toBe("\u001b[31mred\u001b[0m");
  });

  test("legacy: 200 with Failure", () => {
    const told = interpreterResult({
      status: "Failed",
      stdout: "before",
      raw: { error_stack_trace: "E: m" },
    });
    const { status, body } = answer(told, parse({ code: "1" }), V24, "/code/execute");
    expect(status).toBe(200);
    expect(JSON.parse(body ?? "").properties).toMatchObject({
      status: "Failure",
      stdout: "before",
      stderr: "E: m",
    });
  });

  test("what the emulator itself ends has the service's words", () => {
    const request = parse({ code: "1", timeoutInSeconds: 2 });
    expect(timedOutOutcome(request)).toMatchObject({
      stderr: "Request timed out waiting for code execution to complete",
      duration: 2000,
    });
    expect(abortedOutcome(12.7)).toMatchObject({
      state: "Failed",
      stderr: "Execution aborted",
      duration: 13,
    });
  });

  test.each([
    ["not JSON", { status: 200, body: "<html>" }, 502],
    ["no execution", { status: 200, body: "[]" }, 502],
    ["an unknown status", { status: 200, body: '{"status":"Done"}' }, 502],
    ["a synchronous run that is not over", { status: 202, body: '{"status":"Running"}' }, 502],
    ["no such route", { status: 404, body: "" }, 502],
    ["a failure", { status: 500, body: '{"message":"boom"}' }, 502],
    ["a refusal", { status: 400, body: '{"message":"too long"}' }, 400],
  ])("%s of the interpreter", (_title, told, status) => {
    expect(refusal(() => readExecution(told, parse({ code: "1" }), context)).status).toBe(status);
  });
});

describe("asynchronous executions", () => {
  const request = parse({ code: "1", executionType: "asynchronous" });

  test("the submission is 202 with a link, and shows no result before the end", () => {
    const told = {
      status: 202,
      body: '{"id":"8963","status":"Running","result":{"stdout":"8963"},"rawResult":{"stdout":"8963"}}',
    };
    const { status, headers, body } = answer(told, request);
    expect(status).toBe(202);
    expect(headers).toMatchObject({
      "operation-id": "8963",
      "operation-location":
        "http://localhost:4380/pools/p/executions/8963?api-version=2025-10-02-preview&identifier=user-1234",
    });
    expect(body).toBe(
      '{"id":"8963","identifier":"user-1234","executionType":"asynchronous","status":"Running"}',
    );
  });

  test("one that is over at once tells its result", () => {
    const { status, body } = answer(interpreterResult({ stdout: "x" }), request);
    expect(status).toBe(202);
    expect(JSON.parse(body ?? "")).toMatchObject({ status: "Succeeded", result: { stdout: "x" } });
  });

  const poll = (version: string) => {
    const query = new URLSearchParams({ "api-version": version });
    const operation = routeBuiltIn({
      method: "GET",
      path: "/executions/a%2Fb",
      query,
      containerType: "PythonLTS",
      strict: true,
    });
    if (operation.kind !== "getExecution") throw new Error(operation.kind);
    return operation;
  };

  test("a poll is 200 on every version and names the execution", () => {
    expect(toInterpreterPoll(poll(V24), context).url).toMatch(/^\/executions\/a%2Fb\?/);
    const outcome = readExecution(interpreterResult({ stdout: "x" }), undefined, context);
    const { status, body } = renderPolledExecution(poll(V24), outcome, context);
    expect(status).toBe(200);
    expect(JSON.parse(body ?? "")).toMatchObject({
      $id: "1",
      id: "a/b",
      status: "Succeeded",
      result: { $id: "2" },
    });
  });

  test("an unknown execution is 404", () => {
    const error = refusal(() => readExecution({ status: 404, body: '"No execution"' }, undefined, context));
    expect([error.status, error.message]).toEqual([
      404,
      "No execution available for operation Id: emulator-id",
    ]);
  });
});
