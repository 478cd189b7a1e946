import { describe, expect, it } from "vitest";
import { ConfigError } from "../../../src/config/config-error.js";
import { flagOf, optionDefinitions, resolveOptions, variableOf } from "../../../src/config/options.js";

function errorOf(flags: Record<string, unknown>, environment: Record<string, string>): string {
  try {
    resolveOptions(flags, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the options were accepted");
}

describe("options", () => {
  it("have defaults", () => {
    expect(resolveOptions({}, {})).toEqual({
      host: "127.0.0.1",
      port: 4380,
      runtime: "auto",
      auth: "lenient",
      strict: false,
      keepContainers: false,
      startupTimeoutSeconds: 60,
      logFormat: "auto",
      logLevel: "info",
      reach: "auto",
    });
  });

  it("come from flags before the environment before the defaults", () => {
    const environment = { DSE_PORT: "5000", DSE_HOST: "::1", DSE_KEEP_CONTAINERS: "1", DSE_STRICT: "true" };
    const options = resolveOptions({ port: "0", strict: false }, environment);
    expect(options).toMatchObject({
      port: 0,
      host: "::1",
      keepContainers: true,
      strict: false,
      auth: "lenient",
    });
  });

  it("count an empty variable as absent", () => {
    expect(resolveOptions({}, { DSE_PORT: "", DSE_CONFIG: "" })).toEqual(resolveOptions({}, {}));
  });

  it("each take a variable named after the flag", () => {
    expect(Object.keys(optionDefinitions).map((name) => [flagOf(name), variableOf(name)])).toEqual(
      expect.arrayContaining([
        ["--target-port", "DSE_TARGET_PORT"],
        ["--state-dir", "DSE_STATE_DIR"],
        ["--startup-timeout-seconds", "DSE_STARTUP_TIMEOUT_SECONDS"],
      ]),
    );
    const environment = {
      DSE_IMAGE: "a:b",
      DSE_TARGET_PORT: "80",
      DSE_STATE_DIR: "/s",
      DSE_CONFIG: "p.yaml",
    };
    expect(resolveOptions({}, environment)).toMatchObject({
      image: "a:b",
      targetPort: 80,
      stateDir: "/s",
      config: "p.yaml",
    });
  });

  it("name the flag, the value and the fix", () => {
    expect(errorOf({ port: "65536" }, { DSE_PORT: "1" })).toBe(
      "--port: 65536 is out of range. Write a whole number from 0 to 65535; 0 takes any free port.",
    );
  });

  it("name the variable when the value came from there, and every wrong one", () => {
    expect(
      errorOf({ auth: "strikt" }, { DSE_PORT: "abc", DSE_KEEP_CONTAINERS: "maybe" }).split("\n"),
    ).toEqual([
      'DSE_PORT: "abc" is not a whole number. Write a whole number from 0 to 65535; 0 takes any free port.',
      '--auth: "strikt" is not known. Did you mean strict?',
      'DSE_KEEP_CONTAINERS: "maybe" is neither true nor false. Write true or false.',
    ]);
  });

  it("refuse a target port without an image", () => {
    expect(errorOf({ targetPort: "80" }, {})).toMatch(/^--target-port: .*--image/);
    expect(errorOf({}, { DSE_TARGET_PORT: "80" })).toMatch(/^DSE_TARGET_PORT: /);
  });
});
