import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import * as z from "zod";
import { ConfigError, parseConfig } from "../../../src/interpreter/config/parse.js";
import { preloadScript } from "../../../src/interpreter/config/preload.js";
import { configSchema } from "../../../src/interpreter/config/schema.js";

/** A key with what it is when nobody says, a value that is taken, and one that is not (byoc 2.3). */
interface Key {
  key: string;
  absent: unknown;
  good: unknown;
  /** How a good value is read, where that is not the value itself. */
  read?: unknown;
  wrong: unknown;
  /** What the author of a file with only this key should know. */
  advice?: RegExp;
}

const NO_SCRIPT = /no 'initLibrariesFile' says which script to run/;

const init = (kernel: string): Key[] =>
  [
    { key: "enabled", absent: undefined, good: true, wrong: "yes please" },
    { key: "initCommonLibraries", absent: undefined, good: true, wrong: 1, advice: NO_SCRIPT },
    { key: "initialDelaySeconds", absent: undefined, good: 2, wrong: -1 },
    { key: "periodSeconds", absent: undefined, good: 1, wrong: "often" },
    { key: "initLibrariesFile", absent: undefined, good: "/app/scripts/i.py", wrong: 7 },
  ].map((member) => ({ ...member, key: `spec.kernel.kernelInit.${kernel}.${member.key}` }));

const snippets = (kind: string): Key[] =>
  ["preCodeInjectionSnippet", "postCodeInjectionSnippet"].map((name) => ({
    key: `spec.codeExecution.${kind}.${name}`,
    absent: undefined,
    good: "import x\nx.go()",
    wrong: ["import x"],
  }));

const keys: Key[] = [
  { key: "kind", absent: "required", good: "CodeInterpreterConfig", wrong: "Config" },
  { key: "apiVersion", absent: "required", good: "v1", wrong: "v2" },
  { key: "metadata.name", absent: "required", good: "code-interpreter", wrong: "mine" },
  { key: "spec.logging.logLevel", absent: 0, good: 3, wrong: 4 },
  { key: "spec.logging.useISO8601DateFormat", absent: true, good: false, wrong: "iso" },
  { key: "spec.kernel.name", absent: undefined, good: ".net-csharp", wrong: "" },
  { key: "spec.kernel.port", absent: undefined, good: 7000, wrong: 70_000 },
  { key: "spec.kernel.isAsynchronousExecutionSupported", absent: false, good: true, wrong: "true" },
  { key: "spec.kernel.enabled", absent: true, good: false, wrong: 0 },
  { key: "spec.kernel.isFirstParty", absent: false, good: true, wrong: "no" },
  { key: "spec.kernel.runInitScript", absent: undefined, good: true, wrong: "init.py", advice: NO_SCRIPT },
  ...init("synchronous"),
  ...init("synchronousWithEmptyKernel"),
  ...init("asynchronous"),
  {
    key: "spec.initLibrariesFile",
    absent: undefined,
    good: "/app/scripts/i.py",
    wrong: true,
    advice: /is not run: set 'spec.kernel.runInitScript'/,
  },
  { key: "spec.healthProbe.endpoint", absent: "/health", good: "/alive", wrong: "alive" },
  { key: "spec.healthProbe.successfulHealthCheckThresholdSeconds", absent: 120, good: 60, wrong: -5 },
  { key: "spec.healthProbe.initialDelaySeconds", absent: 0, good: 10, wrong: "10s" },
  { key: "spec.healthProbe.periodSeconds", absent: 15, good: 5, wrong: 0 },
  { key: "spec.healthProbe.timeoutSeconds", absent: 15, good: 0.5, wrong: 0 },
  { key: "spec.healthProbe.failureThreshold", absent: 3, good: 1, wrong: 0 },
  { key: "spec.healthProbe.code", absent: undefined, good: "1+1", wrong: ["1+1"] },
  { key: "spec.healthProbe.expectedResult", absent: undefined, good: 2, read: "2", wrong: [2] },
  { key: "spec.healthProbe.commonLibrariesInitTimeoutSeconds", absent: 90, good: 300, wrong: 0 },
  {
    key: "spec.healthProbe.tikaServer.enabled",
    absent: false,
    good: true,
    wrong: "on top",
    advice: /is ignored/,
  },
  { key: "spec.codeExecution.enableAutoBase64Decoding", absent: true, good: false, wrong: "never" },
  { key: "spec.codeExecution.defaultTimeoutSeconds", absent: undefined, good: 30, wrong: 0 },
  ...snippets("synchronousExecution"),
  ...snippets("asynchronousExecution"),
  { key: "spec.fileOperation.maxUploadFileSizeLimitInMBs", absent: 250, good: 10, wrong: "10MB" },
  { key: "spec.fileOperation.dataDirectoryPath", absent: "/mnt/data", good: "/srv/files", wrong: "files" },
  { key: "spec.fileOperation.enableFullPathAccess", absent: false, good: true, wrong: "all" },
];

type Tree = { [key: string]: unknown };

/** The smallest file that everything is right in, with one more value. */
function fileWith(path: string, value: unknown): Tree {
  const file: Tree = {
    kind: "CodeInterpreterConfig",
    apiVersion: "v1",
    metadata: { name: "code-interpreter" },
    spec: { kernel: { port: 6000 }, healthProbe: { code: "0" } },
  };
  set(file, path.split("."), value);
  return file;
}

function set(tree: Tree, [first = "", ...rest]: string[], value: unknown): void {
  if (rest.length === 0) {
    if (value === undefined) delete tree[first];
    else tree[first] = value;
    return;
  }
  tree[first] ??= {};
  set(tree[first] as Tree, rest, value);
}

function get(tree: unknown, path: string): unknown {
  return path.split(".").reduce((value, key) => (value as Tree | undefined)?.[key], tree);
}

const parse = (file: Tree) => parseConfig(stringify(file), "conf.yaml");
/** Line on which a key is written in block style: sections and their members come in order. */
function lineOf(file: Tree, path: string): number {
  const last = path.split(".").at(-1);
  const lines = stringify(file).split("\n");
  return 1 + lines.findLastIndex((line) => line.trim().startsWith(`${last}:`));
}

describe.each(keys.map((row) => [row.key, row] as const))(
  "%s",
  (key, { absent, good, read = good, wrong, advice }) => {
    it("has its default", () => {
      if (absent === "required") {
        expect(() => parse(fileWith(key, undefined))).toThrow(new RegExp(`'${key}' is missing`));
      } else {
        expect(get(parse(fileWith(key, undefined)).file, key)).toEqual(absent);
      }
    });

    it("takes a good value", () => {
      const { file, warnings } = parse(fileWith(key, good));
      expect(get(file, key)).toEqual(read);
      expect(warnings).toEqual(advice === undefined ? [] : [expect.stringMatching(advice)]);
    });

    it("refuses a wrong value with file, line and key", () => {
      const file = fileWith(key, wrong);
      expect(() => parse(file)).toThrow(ConfigError);
      expect(() => parse(file)).toThrow(`conf.yaml:${lineOf(file, key)}: '${key}' is wrong: `);
    });

    it("has neighbours that nobody knows, which are ignored with a warning", () => {
      const unknown = key.replace(/[^.]+$/, "unheardOf");
      const file = fileWith(unknown, 1);
      const { warnings, file: parsed } = parse(file);
      expect(warnings).toContain(`conf.yaml:${lineOf(file, unknown)}: unknown key '${unknown}' is ignored.`);
      expect(get(parsed, unknown)).toBeUndefined();
    });
  },
);

describe("the script that preloads libraries", () => {
  const common = "/app/common.py";
  const own = "/app/own.py";
  const all = { synchronous: common, synchronousWithEmptyKernel: common, asynchronous: common };
  const none = { synchronous: undefined, synchronousWithEmptyKernel: undefined, asynchronous: undefined };

  it.each<[string, Tree, Partial<typeof none | typeof all>]>([
    ["nothing is said", {}, none],
    ["runInitScript", { runInitScript: true }, { ...all, synchronousWithEmptyKernel: undefined }],
    [
      "one kernel wants it",
      { kernelInit: { synchronous: { initCommonLibraries: true } } },
      { synchronous: common },
    ],
    [
      "one kernel does not want it",
      { runInitScript: true, kernelInit: { asynchronous: { initCommonLibraries: false } } },
      { synchronous: common },
    ],
    [
      "the empty kernel wants it",
      { kernelInit: { synchronousWithEmptyKernel: { initCommonLibraries: true } } },
      { synchronousWithEmptyKernel: common },
    ],
    [
      "a kernel has a script of its own",
      { runInitScript: true, kernelInit: { asynchronous: { initLibrariesFile: own } } },
      { synchronous: common, asynchronous: own as typeof common },
    ],
    [
      "runInitScript is off",
      { runInitScript: false, kernelInit: { synchronous: { initCommonLibraries: true } } },
      none,
    ],
  ])("when %s", (_when, kernel, expected) => {
    const file = fileWith("spec.initLibrariesFile", common);
    set(file, ["spec", "kernel"], { port: 6000, ...kernel });
    const parsed = parse(file).file;
    const roles = ["synchronous", "synchronousWithEmptyKernel", "asynchronous"] as const;
    expect(Object.fromEntries(roles.map((role) => [role, preloadScript(parsed, role)]))).toEqual({
      ...none,
      ...expected,
    });
  });
});

it("advises where a setting has no effect", () => {
  const file = fileWith("spec.kernel.kernelInit.synchronous.enabled", false);
  set(file, ["spec", "healthProbe"], { expectedResult: 2 });
  const { warnings } = parse(file);
  expect(warnings.join("\n")).toMatch(/synchronous\.enabled' is ignored/);
  expect(warnings.join("\n")).toMatch(/'spec\.healthProbe\.expectedResult' is ignored without/);
});

it("every key that is read is in the table above", () => {
  const schema = z.toJSONSchema(configSchema, { io: "output", unrepresentable: "any" }) as JsonSchema;
  expect(leaves(schema, "").sort()).toEqual(keys.map(({ key }) => key).sort());
});

type JsonSchema = { properties?: Record<string, JsonSchema>; anyOf?: JsonSchema[] };

function leaves(schema: JsonSchema, path: string): string[] {
  const properties = schema.properties ?? schema.anyOf?.find((member) => member.properties)?.properties;
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, member]) => leaves(member, path ? `${path}.${key}` : key));
}

describe("files that are odd", () => {
  it.each([
    ["nothing", "", /'kind' is missing/],
    ["a list", "- kind\n", /conf\.yaml:1: /],
    ["one word", "hello\n", /conf\.yaml:1: /],
    [
      "a key twice",
      "kind: CodeInterpreterConfig\nkind: CodeInterpreterConfig\n",
      /conf\.yaml:2: not valid YAML/,
    ],
    ["a section that is a word", "spec: hello\n", /conf\.yaml:1: 'spec' is wrong/],
    ["an alias without an anchor", "kind: *nobody\n", /conf\.yaml:1: not valid YAML/],
    ["aliases that multiply", bomb(), /conf\.yaml:1: not valid YAML/],
    ["two documents", "kind: CodeInterpreterConfig\n---\nkind: x\n", /conf\.yaml:2: not valid YAML/],
  ])("%s", (_what, text, message) => {
    expect(() => parseConfig(text, "conf.yaml")).toThrow(ConfigError);
    expect(() => parseConfig(text, "conf.yaml")).toThrow(message);
  });

  it("sections with nothing below them count as absent", () => {
    const sections = ["logging", "kernel", "healthProbe", "codeExecution", "fileOperation"];
    const text = `kind: CodeInterpreterConfig\napiVersion: v1\nmetadata:\n  name: code-interpreter\nspec:\n${sections
      .map((name) => `  ${name}:\n`)
      .join("")}`;
    expect(parseConfig(text, "conf.yaml").file.spec.healthProbe.endpoint).toBe("/health");
  });
});

/** "Billion laughs": small text, enormous once its aliases are resolved. */
function bomb(): string {
  const levels = Array.from({ length: 12 }, (_, level) =>
    level === 0
      ? "a0: &a0 [x, x, x, x, x, x, x, x, x, x]"
      : `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(", ")}]`,
  );
  return levels.join("\n");
}
