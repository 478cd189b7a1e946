import { describe, expect, it } from "vitest";
import { findingLines } from "../../../src/doctor/finding.js";
import type { ExaminationFacts, SeenFacts, TrialFacts } from "../../../src/doctor/image/facts.js";
import { judgeImage } from "../../../src/doctor/image/judge.js";
import { firstFileOfTar } from "../../../src/doctor/image/tar.js";

const config = (kernel: string) =>
  `kind: CodeInterpreterConfig\napiVersion: v1\nmetadata: { name: code-interpreter }\nspec: { kernel: ${kernel}, healthProbe: { code: "1+1" } }\n`;

const seen: SeenFacts = {
  users: [{ uid: 0, name: "root", dataFolder: "writable" }],
  kernels: ["python3"],
  memory: { usedBytes: 100 * 2 ** 20, limitBytes: 1024 * 2 ** 20 },
  calls: {
    health: { status: 200, body: "", elapsedMs: 1 },
    executions: { status: 200, body: '{"status":"Succeeded"}', elapsedMs: 1 },
    upload: { status: 200, body: "{}", elapsedMs: 1 },
    list: { status: 200, body: '[{"name":"dse-doctor.txt"}]', elapsedMs: 1 },
    download: { status: 200, body: "written by the doctor\n", elapsedMs: 1 },
    delete: { status: 204, body: "", elapsedMs: 1 },
  },
};
const ready: TrialFacts = { targetPort: 6000, egress: false, end: { kind: "ready", elapsedMs: 1_000 }, seen };

/** Facts of a good image on this very platform, with some of them replaced. */
function facts(image: Partial<ExaminationFacts["image"]>, trial: TrialFacts = ready): ExaminationFacts {
  return {
    image: {
      reference: "my:dev",
      architecture: "amd64",
      user: "",
      env: {},
      exposedPorts: [],
      configPath: "/app/codeInterpreterConf.yaml",
      configText: config("{ name: python3, port: 6000 }"),
      hasDataFolder: true,
      ...image,
    },
    engineArchitecture: "amd64",
    limitSeconds: 60,
    trials: [trial],
  };
}

function of(check: string, from: ExaminationFacts) {
  return judgeImage(from).find((finding) => finding.check === check);
}

function withCalls(calls: Partial<SeenFacts["calls"]>): TrialFacts {
  return { ...ready, seen: { ...seen, calls: { ...seen.calls, ...calls } } };
}

describe("judgeImage", () => {
  it("finds nothing wrong with a good image", () => {
    expect(judgeImage(facts({})).filter(({ level }) => level !== "ok")).toEqual([]);
  });

  it("minds another architecture than the engine's, and another than Azure's", () => {
    expect(of("architecture", facts({ architecture: "arm64" }))).toMatchObject({
      level: "warn",
      message: expect.stringContaining("for arm64, the engine for amd64"),
    });
    const arm = { ...facts({ architecture: "arm64" }), engineArchitecture: "arm64" };
    expect(of("architecture", arm)).toMatchObject({
      level: "warn",
      fix: expect.stringContaining("--platform linux/amd64"),
    });
  });

  it("names the port that the Dockerfile exposes when nothing listens at all", () => {
    const end = { kind: "failed", failure: "not-listening", message: "m", log: ["last"], ports: [] } as const;
    const trial = { targetPort: 6000, egress: false, end: { ...end, log: ["last"], ports: [] } };
    expect(of("port", facts({ exposedPorts: [8080] }, trial))).toMatchObject({
      level: "fail",
      fix: expect.stringContaining("exposes 8080"),
      details: ["last"],
    });
  });

  it("minds a port in the configuration file that is not the pool's", () => {
    expect(of("config", facts({ configText: config("{ port: 7000 }") }))).toMatchObject({
      level: "fail",
      message: expect.stringContaining("is 7000, the pool's targetPort is 6000"),
    });
  });

  it("minds a kernel that is not installed, and two names for one", () => {
    expect(of("kernel", facts({ configText: config("{ name: julia, port: 6000 }") }))).toMatchObject({
      level: "fail",
      message: "the kernelspec julia is not installed: there are python3",
    });
    expect(of("kernel", facts({ env: { CODE_INTERPRETER_KERNEL_NAME: "r" } }))).toMatchObject({
      level: "fail",
      fix: expect.stringContaining("ENV CODE_INTERPRETER_KERNEL_NAME=python3"),
    });
  });

  it("minds a configuration file that is named and not there", () => {
    const env = { CODE_INTERPRETER_CONFIG_FILE_PATH: "/app/x.yaml" };
    expect(of("config", facts({ env, configPath: "/app/x.yaml", configText: undefined }))).toMatchObject({
      level: "fail",
      message: expect.stringContaining("/app/x.yaml, and there is no such file"),
    });
  });

  it("tells a run that failed from an interface that is not there", () => {
    const failed = { status: 200, body: '{"status":"Failed","result":{"stderr":"no 1+1"}}', elapsedMs: 1 };
    expect(of("executions", facts({}, withCalls({ executions: failed })))).toMatchObject({
      level: "fail",
      message: 'POST /executions answered status "Failed": no 1+1',
    });
    const broken = { status: 500, body: "boom", elapsedMs: 1 };
    expect(of("executions", facts({}, withCalls({ executions: broken })))).toMatchObject({
      level: "fail",
      message: "POST /executions answered 500: boom",
    });
  });

  it.each([
    ["list", { status: 200, body: "[]", elapsedMs: 1 }, "GET /files does not list the file"],
    ["download", { status: 200, body: "else", elapsedMs: 1 }, "other bytes than were uploaded"],
    ["delete", { error: "no answer within 15 s", elapsedMs: 1 }, "no answer within 15 s"],
  ])("minds a %s that goes wrong", (call, answer, message) => {
    expect(of("files", facts({}, withCalls({ [call]: answer })))).toMatchObject({
      level: "fail",
      message: expect.stringContaining(message),
    });
  });

  it("finds out that calls fail for want of a network, or not for that", () => {
    const executions = { status: 200, body: '{"status":"Failed"}', elapsedMs: 1 };
    const failing = withCalls({ executions });
    const open = { ...ready, egress: true };
    expect(of("egress", { ...facts({}), trials: [failing, open] })).toMatchObject({
      level: "fail",
      message: expect.stringContaining("it needs the network to work"),
    });
    expect(of("egress", { ...facts({}), trials: [failing, { ...failing, egress: true }] })).toMatchObject({
      level: "ok",
      message: "with a network it answers no better",
    });
  });

  it("minds a health check that is not there, or not good", () => {
    const health = { status: 404, body: "", elapsedMs: 1 };
    expect(of("health", facts({}, withCalls({ health })))).toMatchObject({ level: "warn" });
    expect(of("health", facts({}, withCalls({ health: { ...health, status: 503 } })))).toMatchObject({
      level: "fail",
      message: "GET /health answered 503",
    });
  });

  it("minds memory that is nearly used up, and a slow start", () => {
    const memory = { usedBytes: 900, limitBytes: 1000 };
    expect(of("memory", facts({}, { ...ready, seen: { ...seen, memory } }))).toMatchObject({ level: "warn" });
    const end = { kind: "ready", elapsedMs: 20_000 } as const;
    expect(of("start-up", facts({}, { ...ready, end }))).toMatchObject({
      level: "warn",
      fix: expect.stringContaining("readySessionInstances"),
    });
  });
});

describe("findingLines", () => {
  it("sets the fix and the log below each finding, and counts", () => {
    expect(
      findingLines([
        { check: "port", level: "ok", message: "good" },
        { check: "start-up", level: "fail", message: "bad", fix: "Do it.", details: ["last words"] },
      ]),
    ).toEqual([
      "ok    port      good",
      "FAIL  start-up  bad",
      "                | last words",
      "                → Do it.",
      "",
      "1 of 2 checks failed.",
    ]);
  });
});

it("firstFileOfTar finds no file in an archive of a folder alone", () => {
  const header = Buffer.alloc(512);
  header.write("folder/", 0);
  header.write("00000000000\0", 124);
  header.write("5", 156);
  expect(firstFileOfTar(Buffer.concat([header, Buffer.alloc(1024)]))).toBeUndefined();
});
