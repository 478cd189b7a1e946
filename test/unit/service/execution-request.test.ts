import { describe, expect, test } from "vitest";
import {
  parseJsonBody,
  readExecution,
  renderExecution,
  toInterpreterExecution,
} from "../../../src/service/index.js";
import { context, executeOperation, parse, V24, V25 } from "./executions.js";
import { refusal } from "./refusal.js";

describe("reading an execution", () => {
  test("only code: everything else has its default", () => {
    expect(parse({ code: "1" })).toEqual({
      kind: "code",
      code: "1",
      timeoutInSeconds: 220,
      executionType: "Synchronous",
      asynchronous: false,
    });
  });

  test.each([
    ["wrapped, legacy route", { properties: { code: "1" } }, V25, "/code/execute"],
    ["flat, legacy route", { code: "1" }, V25, "/code/execute"],
    ["pythonCode", { properties: { pythonCode: "1" } }, V24, "/python/execute"],
    ["wrapped, 2024", { properties: { code: "1" } }, V24, "/executions"],
    ["any letter case of members", { CODE: "1", CodeInputType: "INLINE" }, V25, "/executions"],
    ["InlineText", { code: "1", codeInputType: "InlineText" }, V25, "/executions"],
    ["InlineBase64", { code: "MQ==", codeInputType: "inlineBase64" }, V25, "/executions"],
  ])("%s", (_title, body, version, path) => {
    expect(parse(body, version, path)).toMatchObject({ code: "1" });
  });

  test("base64 is UTF-8", () => {
    const code = Buffer.from("print('ü €')").toString("base64");
    expect(parse({ code, codeInputType: "InlineBase64" })).toMatchObject({ code: "print('ü €')" });
  });

  test.each([
    [60, 60],
    [221, 220],
    [600, 220],
    [0, 220],
    ["30", 30],
    [null, 220],
  ])("timeoutInSeconds %j means %d", (timeoutInSeconds, seconds) => {
    expect(parse({ code: "1", timeoutInSeconds })).toMatchObject({ timeoutInSeconds: seconds });
  });

  test.each(["asynchronous", "Asynchronous"])("%s keeps its casing and is polled for", (executionType) => {
    expect(parse({ code: "1", executionType })).toMatchObject({ executionType, asynchronous: true });
    expect(parse({ code: "1", executionType }, V24, "/code/execute")).toMatchObject({ asynchronous: false });
  });

  test.each([
    ["no body", undefined, "code"],
    ["no code", {}, "code"],
    ["empty code", { code: "" }, "code"],
    ["null", { code: null }, "code"],
    ["a shell command", { shellCommand: "ls" }, "code"],
  ])("%s: SessionPropertiesMissing", (_title, body, target) => {
    const error = refusal(() => parse(body));
    expect([error.status, error.entry.code, error.target]).toEqual([400, "SessionPropertiesMissing", target]);
  });

  test("the refusal of a wrapped body says what to do", () => {
    expect(refusal(() => parse({ properties: { code: "1" } })).hint).toContain("without the 'properties'");
  });

  test.each([
    ["code", { code: 5 }],
    ["code", { code: "%%%", codeInputType: "InlineBase64" }],
    ["code", { code: "/w==", codeInputType: "InlineBase64" }],
    ["codeInputType", { code: "1", codeInputType: "hex" }],
    ["codeInputType", { code: "1", codeInputType: 7 }],
    ["executionType", { code: "1", executionType: "later" }],
    ["timeoutInSeconds", { code: "1", timeoutInSeconds: -1 }],
    ["timeoutInSeconds", { code: "1", timeoutInSeconds: 1.5 }],
    ["timeoutInSeconds", { code: "1", timeoutInSeconds: "soon" }],
    ["outputStreamsMaxLength", { code: "1", outputStreamsMaxLength: {} }],
    ["$", ["code"]],
    ["$", "code"],
    ["$", null],
  ])("%s is named when it is wrong: %j", (field, body) => {
    const error = refusal(() => parse(body));
    expect([error.status, error.target]).toEqual([400, field]);
  });

  test("malformed JSON is refused, nothing is no refusal yet", () => {
    expect(refusal(() => parseJsonBody('{"code":')).status).toBe(400);
    expect(parseJsonBody("  ")).toBeUndefined();
    expect(parseJsonBody('\uFEFF{"code":"1"}')).toEqual({ code: "1" });
  });
});

describe("Shell", () => {
  const shell = (body: unknown, version = V25) => parse(body, version, "/executions", "Shell");

  test.each([
    [{ shellCommand: "ls" }, { command: { shellCommand: "ls" } }],
    [{ execCommandAndArgs: ["ls", "-l"] }, { command: { execCommandAndArgs: ["ls", "-l"] } }],
    [{ shellCommand: "cat", stdin: "hi" }, { stdin: "hi" }],
    [{ shellCommand: "ls", outputStreamsMaxLength: 9 }, { outputStreamsMaxLength: 9 }],
    [{ shellCommand: "ls", executionType: "Asynchronous" }, { asynchronous: false }],
  ])("%j", (body, expected) => {
    expect(shell(body)).toMatchObject(expected);
    expect(toInterpreterExecution(shell(body), context).url).toMatch(/^\/shellExecute\?/);
  });

  test.each([{ execCommandAndArgs: "ls" }, { execCommandAndArgs: [1] }, { shellCommand: ["ls"] }])(
    "%j is refused",
    (body) => {
      expect(refusal(() => shell(body)).status).toBe(400);
    },
  );

  test("the legacy route is refused with the service's words", () => {
    expect(refusal(() => parse({ code: "1" }, V25, "/code/execute", "Shell")).message).toBe(
      "Shell execution is not supported in API version 2023-08-01-preview",
    );
  });

  test("both streams are cut at 4,096 bytes, without a mark and without half a character", () => {
    const request = shell({ shellCommand: "ls" });
    const body = JSON.stringify({
      status: "Succeeded",
      exitCode: 0,
      result: { stdout: "€".repeat(2000), stderr: "e".repeat(5000) },
    });
    const outcome = readExecution({ status: 200, body }, request, context);
    expect(outcome.stdout).toBe("€".repeat(1365));
    expect(outcome.stderr).toBe("e".repeat(4096));
  });

  test("a command that cannot start says why", () => {
    const body =
      '{"status":"Failed","errorName":"CommandStartError","errorMessage":"no such file","result":{}}';
    const request = shell({ execCommandAndArgs: ["nope"] });
    const outcome = readExecution({ status: 200, body }, request, context);
    expect(outcome.stderr).toBe("CommandStartError: no such file");
    const operation = executeOperation(V25, "/executions", "Shell");
    expect(renderExecution(operation, request, outcome, context).body).toContain('"status":"1"');
  });

  test("an image that has no /shellExecute is named", () => {
    const error = refusal(() =>
      readExecution({ status: 404, body: "not found" }, shell({ shellCommand: "ls" }), context),
    );
    expect(error.status).toBe(502);
    expect(error.message).toContain("no POST /shellExecute");
  });
});
