import { describe, expect, it } from "vitest";
import { ConfigError, type ConfigIssue, formatIssue } from "../../../src/config/config-error.js";
import { parsePoolsFile } from "../../../src/config/pools-file.js";

const byocPool =
  "  - name: byoc\n    containerType: CustomContainer\n    image: my-byoc:dev\n    targetPort: 6000\n";

function errorsOf(text: string): ConfigIssue[] {
  try {
    parsePoolsFile(text, "pools.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  throw new Error("the file was accepted");
}

function onlyPool(text: string) {
  const { pools, warnings } = parsePoolsFile(text, "pools.yaml");
  expect(pools).toHaveLength(1);
  const [pool] = pools;
  if (!pool) throw new Error("no pool");
  return { pool, warnings };
}

describe("a pools file that is right", () => {
  it("fills a built-in pool's defaults in", () => {
    const { pool, warnings } = onlyPool("pools: [{ name: python, containerType: PythonLTS }]");
    expect(warnings).toEqual([]);
    expect(pool).toEqual({
      name: "python",
      containerType: "PythonLTS",
      image: "dynamic-sessions/python:latest",
      targetPort: 6000,
      maxConcurrentSessions: 20,
      readySessionInstances: 1,
      lifecycleType: "Timed",
      cooldownPeriodInSeconds: 300,
      maxAlivePeriodInSeconds: 3600,
      sessionNetworkStatus: "EgressDisabled",
      cpu: 1,
      memoryBytes: 2 * 1024 ** 3,
      ephemeralStorageBytes: 4 * 1024 ** 3,
      env: {},
      probes: [],
      forwardAuthorization: false,
      isMcpServerEnabled: true,
    });
  });

  it.each([
    ["PythonLTS", "dynamic-sessions/python:latest", 6000],
    ["NodeLTS", "dynamic-sessions/node:latest", 6000],
    ["Shell", "dynamic-sessions/shell:latest", 6003],
  ])("gives %s its image and port", (containerType, image, targetPort) => {
    const { pool } = onlyPool(`pools: [{ name: abc, containerType: ${containerType} }]`);
    expect(pool).toMatchObject({ image, targetPort });
  });

  it("reads every key of a custom pool", () => {
    const { pool, warnings } = onlyPool(`
pools:
  - name: my-byoc
    containerType: CustomContainer
    image: my-byoc:dev
    targetPort: 8080
    maxConcurrentSessions: 5
    readySessionInstances: 1
    lifecycleType: OnContainerExit
    maxAlivePeriodInSeconds: 1200
    sessionNetworkStatus: EgressEnabled
    cpu: 0.25
    memory: 0.5Gi
    command: ["/app/start"]
    args: [--level, 1.10]
    env: { MODE: demo, VERSION: 1.10, ON: true }
    forwardAuthorization: true
    isMcpServerEnabled: true
    probes:
      - type: Liveness
        httpGet: { path: /health, port: 6000, httpHeaders: [{ name: X-Probe, value: 1 }] }
        periodSeconds: 5
      - type: Startup
        tcpSocket: { port: 6000 }
        failureThreshold: 10
`);
    expect(warnings).toEqual([]);
    const probeDefaults = { initialDelaySeconds: 0, timeoutSeconds: 1, successThreshold: 1 };
    expect(pool).toEqual({
      name: "my-byoc",
      containerType: "CustomContainer",
      image: "my-byoc:dev",
      targetPort: 8080,
      maxConcurrentSessions: 5,
      readySessionInstances: 1,
      lifecycleType: "OnContainerExit",
      cooldownPeriodInSeconds: 300,
      maxAlivePeriodInSeconds: 1200,
      sessionNetworkStatus: "EgressEnabled",
      cpu: 0.25,
      memoryBytes: 512 * 1024 ** 2,
      ephemeralStorageBytes: 1024 ** 3,
      command: ["/app/start"],
      args: ["--level", "1.10"],
      env: { MODE: "demo", VERSION: "1.10", ON: "true" },
      probes: [
        {
          type: "Liveness",
          httpGet: {
            path: "/health",
            port: 6000,
            scheme: "HTTP",
            httpHeaders: [{ name: "X-Probe", value: "1" }],
          },
          ...probeDefaults,
          periodSeconds: 5,
          failureThreshold: 3,
        },
        {
          type: "Startup",
          tcpSocket: { port: 6000 },
          ...probeDefaults,
          periodSeconds: 10,
          failureThreshold: 10,
        },
      ],
      forwardAuthorization: true,
      isMcpServerEnabled: true,
    });
  });

  it("takes numbers as texts and nulls as absent, as ARM does", () => {
    const { pool } = onlyPool(
      `pools:\n${byocPool}    cooldownPeriodInSeconds: "400"\n    maxAlivePeriodInSeconds: null\n    command: ~\n    args:\n`,
    );
    expect(pool.cooldownPeriodInSeconds).toBe(400);
    expect(pool).not.toHaveProperty("command");
    expect(pool).not.toHaveProperty("args");
  });

  it("takes a JSON file", () => {
    const { pool } = onlyPool('{"pools": [{"name": "py-1", "containerType": "PythonLTS", "cpu": 2}]}');
    expect(pool.cpu).toBe(2);
  });

  it("reads env as ARM's list, with secrets of the file and of the pool", () => {
    const { pool } = onlyPool(`
secrets:
  - { name: token, value: 0070 }
  - { name: both, value: shared }
pools:
${byocPool}    secrets: [{ name: both, value: own }]
    env:
      - { name: TOKEN, value: null, secretRef: token }
      - { name: BOTH, secretRef: both }
      - { name: PLAIN, value: text }
`);
    expect(pool.env).toEqual({ TOKEN: "0070", BOTH: "own", PLAIN: "text" });
  });

  it.each([
    ["1Gi", 1024 ** 3],
    ["512Mi", 512 * 1024 ** 2],
    ["0.5Gi", 512 * 1024 ** 2],
    ["65536Ki", 64 * 1024 ** 2],
  ])("reads memory %s", (memory, bytes) => {
    expect(onlyPool(`pools: [{ name: abc, containerType: Shell, memory: ${memory} }]`).pool.memoryBytes).toBe(
      bytes,
    );
  });

  it("warns of what works here but not on Azure, with its line", () => {
    const { pool, warnings } = onlyPool(
      `pools:\n${byocPool}    cooldownPeriodInSeconds: 5\n    env: { EMPTY: }\n`,
    );
    expect(pool.cooldownPeriodInSeconds).toBe(5);
    expect(pool.env).toEqual({ EMPTY: "" });
    expect(warnings.map(formatIssue)).toEqual([
      "pools.yaml:6:30: pools[0].cooldownPeriodInSeconds: 5 is fine here but not on Azure. Azure takes 300 to 3600.",
      'pools.yaml:7:19: pools[0].env.EMPTY: has no value, so it is set to an empty text. Write "" to say so.',
    ]);
  });
});

describe("a pools file that is wrong", () => {
  it("names file, line, column and key, and the key that was meant", () => {
    const issues = errorsOf(
      "pools:\n  - name: python\n    containerType: PythonLTS\n    cooldownPeriodInSecond: 5\n",
    );
    expect(issues.map(formatIssue)).toEqual([
      "pools.yaml:4:5: pools[0].cooldownPeriodInSecond: unknown key. Did you mean cooldownPeriodInSeconds?",
    ]);
  });

  it("lists every issue of every pool in the file's order", () => {
    const issues = errorsOf(`pools:
  - name: python
    containerType: pythonlts
  - name: python
    containerType: CustomContainer
    image: my-byoc:dev
    targetPort: 70000
    cpu: many
  - name: third
    containerType: Shell
    lifecycleType: OnContainerExit
`);
    expect(issues.map(({ line, key }) => `${line} ${key}`)).toEqual([
      "3 pools[0].containerType",
      "4 pools[1].name",
      "7 pools[1].targetPort",
      "8 pools[1].cpu",
      "11 pools[2].lifecycleType",
    ]);
    expect(issues[0]?.fix).toBe("Did you mean PythonLTS?");
  });

  it.each([
    ["a name with capitals", "pools: [{ name: Py, containerType: Shell }]", "pools[0].name"],
    ["a name that ends with a hyphen", "pools: [{ name: py-, containerType: Shell }]", "pools[0].name"],
    ["no name", "pools: [{ containerType: Shell }]", "pools[0].name"],
    ["no containerType", "pools: [{ name: abc }]", "pools[0].containerType"],
    [
      "a kind that the emulator lacks",
      "pools: [{ name: abc, containerType: GpuBase }]",
      "pools[0].containerType",
    ],
    ["no image", "pools: [{ name: abc, containerType: CustomContainer, targetPort: 1 }]", "pools[0].image"],
    [
      "no targetPort",
      "pools: [{ name: abc, containerType: CustomContainer, image: a }]",
      "pools[0].targetPort",
    ],
    ["memory without unit", "pools: [{ name: abc, containerType: Shell, memory: 512 }]", "pools[0].memory"],
    ["too little memory", "pools: [{ name: abc, containerType: Shell, memory: 1Mi }]", "pools[0].memory"],
    [
      "no session at all",
      "pools: [{ name: abc, containerType: Shell, maxConcurrentSessions: 0 }]",
      "pools[0].maxConcurrentSessions",
    ],
    [
      "a fraction",
      "pools: [{ name: abc, containerType: Shell, maxConcurrentSessions: 1.5 }]",
      "pools[0].maxConcurrentSessions",
    ],
    [
      "more ready than possible",
      "pools: [{ name: abc, containerType: Shell, readySessionInstances: 21 }]",
      "pools[0].readySessionInstances",
    ],
    [
      "a command that is no list",
      "pools: [{ name: abc, containerType: Shell, command: run }]",
      "pools[0].command",
    ],
    [
      "a forwarded token in a built-in pool",
      "pools: [{ name: abc, containerType: Shell, forwardAuthorization: true }]",
      "pools[0].forwardAuthorization",
    ],
    ["env that is a text", "pools: [{ name: abc, containerType: Shell, env: A=1 }]", "pools[0].env"],
    [
      "a bad variable name",
      "pools: [{ name: abc, containerType: Shell, env: { 1A: x } }]",
      "pools[0].env.1A",
    ],
    [
      "a variable that is a map",
      "pools: [{ name: abc, containerType: Shell, env: { A: { b: c } } }]",
      "pools[0].env.A",
    ],
    [
      "maxAlive with Timed",
      "pools: [{ name: abc, containerType: Shell, maxAlivePeriodInSeconds: 60 }]",
      "pools[0].maxAlivePeriodInSeconds",
    ],
    ["an empty list", "pools: []", "pools"],
    ["pools that are no list", "pools: { a: b }", "pools"],
    ["a pool that is a text", "pools: [python]", "pools[0]"],
    ["no pools", "secrets: []", "pools"],
    ["an empty file", "# nothing\n", ""],
    ["a text", "hello", ""],
  ])("refuses %s", (_, text, key) => {
    const issues = errorsOf(text);
    expect(issues.map((issue) => issue.key)).toEqual([key]);
    expect(issues[0]).toMatchObject({ file: "pools.yaml", line: 1, message: /./, fix: /./ });
  });

  it("refuses a cooldown together with OnContainerExit", () => {
    const issues = errorsOf(
      `pools:\n${byocPool}    lifecycleType: OnContainerExit\n    cooldownPeriodInSeconds: 300\n`,
    );
    expect(issues).toMatchObject([{ line: 7, key: "pools[0].cooldownPeriodInSeconds" }]);
    expect(issues[0]?.fix).toContain("maxAlivePeriodInSeconds");
  });

  it("points to a secretRef without a secret", () => {
    const issues = errorsOf(
      `secrets: [{ name: token, value: x }]\npools:\n${byocPool}    env:\n      - name: TOKEN\n        secretRef: tokne\n`,
    );
    expect(issues.map(formatIssue)).toEqual([
      'pools.yaml:9:20: pools[0].env[0].secretRef: there is no secret "tokne". Did you mean token?',
    ]);
  });

  it.each([
    ["periodSeconds: 241", "periodSeconds", 7],
    ["timeoutSeconds: 0", "timeoutSeconds", 7],
    ["failureThreshold: 11", "failureThreshold", 7],
    ["initialDelaySeconds: 61", "initialDelaySeconds", 7],
    ["periodSecond: 5", "periodSecond", 7],
  ])("keeps a probe's %s in ARM's range", (line, key, number) => {
    const issues = errorsOf(
      `pools:\n${byocPool}    probes: [{ type: Liveness, tcpSocket: { port: 1 },\n      ${line} }]\n`,
    );
    expect(issues).toMatchObject([
      { line: number, column: expect.any(Number), key: `pools[0].probes[0].${key}` },
    ]);
  });

  it.each([
    ["neither", "{ type: Liveness }"],
    ["both", "{ type: Liveness, tcpSocket: { port: 1 }, httpGet: { port: 1 } }"],
  ])("refuses a probe with %s of httpGet and tcpSocket", (_, probe) => {
    expect(errorsOf(`pools:\n${byocPool}    probes:\n      - ${probe}\n`)).toMatchObject([
      { line: 7, key: "pools[0].probes[0]" },
    ]);
  });

  it("says how ARM's wrappers are written here", () => {
    const issues = errorsOf(`pools:\n${byocPool}    scaleConfiguration:\n      maxConcurrentSessions: 4\n`);
    expect(issues).toMatchObject([{ line: 6, column: 5, key: "pools[0].scaleConfiguration" }]);
    expect(issues[0]?.fix).toContain("directly under the pool");
  });

  it.each([
    ["a tab", "pools:\n\t- a", 2],
    ["a key twice", "pools:\n  - name: a1\n    name: b1\n", 3],
    ["an open quote", 'pools:\n  - name: "abc\n', 3],
  ])("places a syntax error: %s", (_, text, line) => {
    const issues = errorsOf(text);
    expect(issues[0]).toMatchObject({ file: "pools.yaml", line });
    expect(issues[0]?.message).toMatch(/^not valid YAML: /);
  });

  it("keeps each message on one line", () => {
    for (const issue of errorsOf('pools:\n  - name: "a\n\n     b"\n    containerType: "x\n\n y"\n')) {
      expect(formatIssue(issue)).not.toContain("\n");
    }
  });
});
