import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readSettings } from "../../../src/interpreter/config/settings.js";

const folder = mkdtempSync(join(tmpdir(), "asynchronous-"));
afterAll(() => rmSync(folder, { recursive: true }));

function settingOf(kernel: string, env: Record<string, string>): string {
  const file = join(folder, "conf.yaml");
  const start = "kind: CodeInterpreterConfig\napiVersion: v1\nmetadata: { name: code-interpreter }\n";
  writeFileSync(file, `${start}spec:\n  kernel: ${kernel}\n`);
  return readSettings({ ...env, CODE_INTERPRETER_CONFIG_FILE_PATH: file }).asynchronous;
}

const ALLOWED = "{ isAsynchronousExecutionSupported: true }";
const SECOND = "{ isAsynchronousExecutionSupported: true, kernelInit: { asynchronous: { enabled: true } } }";

describe("where asynchronous runs go", () => {
  it.each([
    ["{}", {}, "off"],
    ["{}", { CODE_INTERPRETER_ASYNC: "kernel" }, "off"],
    [ALLOWED, {}, "queued"],
    [ALLOWED, { CODE_INTERPRETER_ASYNC: "queue" }, "queued"],
    [ALLOWED, { CODE_INTERPRETER_ASYNC: "kernel" }, "separate"],
    [ALLOWED, { CODE_INTERPRETER_ASYNC: "subshell" }, "subshell"],
    [ALLOWED, { ENABLE_ASYNC_EXECUTION: "false", CODE_INTERPRETER_ASYNC: "kernel" }, "off"],
    [SECOND, {}, "separate"],
    [SECOND, { CODE_INTERPRETER_ASYNC: "queue" }, "queued"],
    ["{}", { ENABLE_ASYNC_EXECUTION: "true" }, "separate"],
    ["{}", { ENABLE_ASYNC_EXECUTION: "true", CODE_INTERPRETER_ASYNC: "subshell" }, "subshell"],
  ])("kernel: %s with %j is %s", (kernel, env, place) => {
    expect(settingOf(kernel, env as Record<string, string>)).toBe(place);
  });

  it("is one of three words", () => {
    expect(() => settingOf(ALLOWED, { CODE_INTERPRETER_ASYNC: "threads" })).toThrow(
      /queue, kernel or subshell/,
    );
  });
});
