import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ConfigError, parseConfig } from "../../../src/interpreter/config/parse.js";
import { readSettings } from "../../../src/interpreter/config/settings.js";

const HEAD = "kind: CodeInterpreterConfig\napiVersion: v1\nmetadata:\n  name: code-interpreter\n";
const MINIMAL = `${HEAD}spec:
  kernel:
    name: python3
    port: 6000
  healthProbe:
    code: 1+1
`;

function fileWith(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "conf-")), "codeInterpreterConf.yaml");
  writeFileSync(path, text);
  return path;
}

function settingsOf(text: string, env: NodeJS.ProcessEnv = {}) {
  return readSettings({ CODE_INTERPRETER_CONFIG_FILE_PATH: fileWith(text), ...env });
}

describe("codeInterpreterConf.yaml", () => {
  it("fills in the documented defaults", () => {
    const { file, warnings } = parseConfig(MINIMAL, "conf.yaml");
    expect(warnings).toEqual([]);
    expect(file.spec).toMatchObject({
      logging: { logLevel: 0, useISO8601DateFormat: true },
      kernel: { enabled: true, isAsynchronousExecutionSupported: false },
      healthProbe: {
        endpoint: "/health",
        successfulHealthCheckThresholdSeconds: 120,
        initialDelaySeconds: 0,
        periodSeconds: 15,
        timeoutSeconds: 15,
        failureThreshold: 3,
        code: "1+1",
      },
      codeExecution: { enableAutoBase64Decoding: true },
      fileOperation: { maxUploadFileSizeLimitInMBs: 250, dataDirectoryPath: "/mnt/data" },
    });
  });

  it("takes every key of a first-party file without a word", () => {
    const { file, warnings } = parseConfig(
      `${HEAD}spec:
  logging: { logLevel: 1, useISO8601DateFormat: false }
  kernel:
    enabled: true
    isFirstParty: true
    name: python3
    port: 6000
    runInitScript: true
    kernelInit:
      synchronous: { enabled: true, initCommonLibraries: true, initialDelaySeconds: 2, periodSeconds: 1 }
      synchronousWithEmptyKernel: { enabled: true, initCommonLibraries: false }
      asynchronous: { enabled: true, initLibrariesFile: "/app/scripts/a.py" }
  healthProbe:
    code: 1+1
    expectedResult: 2
    commonLibrariesInitTimeoutSeconds: 90
    tikaServer: { enabled: false }
  codeExecution:
    synchronousExecution: { preCodeInjectionSnippet: "a", postCodeInjectionSnippet: "b" }
    asynchronousExecution:
  fileOperation: { enableFullPathAccess: false }
  initLibrariesFile: "/app/scripts/i.py"
`,
      "conf.yaml",
    );
    expect(warnings).toEqual([]);
    expect(file.spec.healthProbe.expectedResult).toBe("2");
  });

  it("warns of an unknown key with its line, and goes on", () => {
    const { file, warnings } = parseConfig(`${MINIMAL}    pace: 7\n  colour: red\n`, "conf.yaml");
    expect(warnings).toHaveLength(2);
    expect(warnings.join("\n")).toContain("conf.yaml:11: unknown key 'spec.healthProbe.pace'");
    expect(warnings.join("\n")).toContain("conf.yaml:12: unknown key 'spec.colour'");
    expect(file.spec.kernel.name).toBe("python3");
  });

  it("names file, line and key of every wrong value", () => {
    const wrong = MINIMAL.replace("port: 6000", "port: six").replace("kind: Code", "kind: Cod");
    expect(() => parseConfig(wrong, "conf.yaml")).toThrow(ConfigError);
    expect(() => parseConfig(wrong, "conf.yaml")).toThrow(
      /conf\.yaml:1: 'kind'[\s\S]*conf\.yaml:8: 'spec\.kernel\.port'/,
    );
  });

  it("names the line of broken YAML", () => {
    expect(() => parseConfig(`${MINIMAL}  a: [1\n`, "conf.yaml")).toThrow(/conf\.yaml:1\d: not valid YAML/);
  });

  it("says which key is missing", () => {
    expect(() => parseConfig("apiVersion: v1\n", "conf.yaml")).toThrow(/'kind' is missing/);
  });

  it("warns of a key that the vendor's image would miss", () => {
    const { warnings } = parseConfig(MINIMAL.replace("    port: 6000\n", ""), "conf.yaml");
    expect(warnings).toEqual(["conf.yaml:6: 'spec.kernel.port' is missing; the vendor's image requires it."]);
  });
});

describe("settings", () => {
  it("do without a file", () => {
    expect(readSettings({})).toMatchObject({
      port: 6000,
      kernelName: "python3",
      asynchronous: "queued",
      defaultTimeoutSeconds: 120,
      jupyter: { socketPath: "/run/jupyter/jupyter.sock", token: "" },
    });
  });

  it("refuse a file that was named but is not there", () => {
    expect(() => readSettings({ CODE_INTERPRETER_CONFIG_FILE_PATH: "/no/such.yaml" })).toThrow(
      /CODE_INTERPRETER_CONFIG_FILE_PATH/,
    );
  });

  it("take the kernel's name from the environment, but refuse two names", () => {
    expect(
      settingsOf(MINIMAL.replace("    name: python3\n", ""), { CODE_INTERPRETER_KERNEL_NAME: "ir" })
        .kernelName,
    ).toBe("ir");
    expect(() => settingsOf(MINIMAL, { CODE_INTERPRETER_KERNEL_NAME: "ir" })).toThrow(/Make them equal/);
  });

  it("turn to shell mode with its own port and timeout", () => {
    const shell = settingsOf(`${HEAD}spec:\n  kernel:\n    enabled: false\n`);
    expect(shell).toMatchObject({ kernelName: undefined, port: 6003, defaultTimeoutSeconds: 180 });
  });

  it.each([
    ["isAsynchronousExecutionSupported: true", {}, "queued"],
    ["isAsynchronousExecutionSupported: false", {}, "off"],
    ["kernelInit: { asynchronous: { enabled: true } }", {}, "separate"],
    ["isAsynchronousExecutionSupported: false", { ENABLE_ASYNC_EXECUTION: "yes" }, "separate"],
    ["isAsynchronousExecutionSupported: true", { ENABLE_ASYNC_EXECUTION: "false" }, "off"],
  ])("with %s and %o run asynchronous code: %s", (key, env, mode) => {
    expect(settingsOf(MINIMAL.replace("port: 6000", `port: 6000\n    ${key}`), env).asynchronous).toBe(mode);
  });

  it.each([
    { ENABLE_ASYNC_EXECUTION: "perhaps" },
    { CODE_INTERPRETER_DIALECT: "1999" },
    { JUPYTER_MAX_MESSAGE_BYTES: "-1" },
  ])("refuse %o, naming the variable", (env) => {
    expect(() => readSettings(env)).toThrow(new RegExp(Object.keys(env)[0] ?? ""));
  });
});
