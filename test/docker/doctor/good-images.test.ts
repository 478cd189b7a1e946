import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../../src/cli/run.js";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { LABEL } from "../../../src/runtime/docker/labels.js";
import { RecordingContext } from "../../unit/cli/recording-context.js";
import { WEB_IMAGE, WEB_PORT } from "../support/images.js";
import { doctor, findings } from "./support.js";

describe("doctor", () => {
  it("finds nothing wrong with the project's own Python image, and leaves nothing behind", async () => {
    const { code, text, of } = await doctor("dynamic-sessions/python:latest");
    expect(text).not.toContain("FAIL");
    expect(code).toBe(0);
    for (const check of ["port", "start-up", "egress", "config", "kernel", "health", "executions", "files"]) {
      expect(of(check)).toMatch(/^ok /);
    }
    expect(of("user")).toContain("root (uid 0) and ubuntu (uid 1000)");
    expect(of("memory")).toMatch(/\d+ MiB in use of 1024 MiB/);
    const { docker } = await findEngine();
    const left = await docker.listContainers({ all: true, filters: { label: [`${LABEL.pool}=custom`] } });
    expect(left.filter(({ Image }) => Image === "dynamic-sessions/python:latest")).toEqual([]);
  });

  it("knows the shell image's interface", async () => {
    const { of } = await doctor("dynamic-sessions/shell:latest", "--target-port", "6003");
    expect(of("executions")).toMatch(/^ok .*POST \/shellExecute ran a command/);
    expect(of("files")).toMatch(/^ok /);
  });

  it("takes a plain web server for what it is, and answers programs in JSON", async () => {
    const pool = await findings(WEB_IMAGE, "--target-port", String(WEB_PORT));
    expect(pool).toMatchObject({ code: 0, ok: true });
    expect(pool.findings.find(({ check }) => check === "interface")).toMatchObject({
      // It stands on the base image, whose configuration file it does not use.
      level: "warn",
      message: expect.stringContaining("no code interpreter: fine for a custom pool"),
    });
  });

  it("checks a pool of the pools file under that pool's settings", async () => {
    const context = new RecordingContext();
    context.workingDirectory = await mkdtemp(path.join(tmpdir(), "dse-doctor-"));
    try {
      const pool = `{ name: mine, containerType: CustomContainer, image: ${WEB_IMAGE}, targetPort: 7007, env: { PORT: "7007" } }`;
      await writeFile(path.join(context.workingDirectory, "pools.yaml"), `pools: [${pool}]`);
      expect(await run(["doctor", "--pool", "mine"], context)).toBe(0);
      expect(context.printed.join("\n")).toContain("it listens on 7007");
    } finally {
      await rm(context.workingDirectory, { recursive: true });
    }
  });

  it("describes the machine: engine, images, limits, runtime, disk, port", async () => {
    const machine = await findings("--port", "0");
    const of = (name: string) => machine.findings.filter(({ check }) => check === name);
    expect(machine.code).toBe(0);
    expect(of("engine")).toEqual([
      expect.objectContaining({ level: "ok", message: expect.stringMatching(/^Docker .* at \S+$/) }),
    ]);
    expect(of("runtime")).toEqual([
      expect.objectContaining({ level: "ok", message: expect.stringMatching(/^docker: Docker /) }),
    ]);
    for (const check of ["node", "images", "limits", "disk", "port"]) expect(of(check)).not.toEqual([]);
  });
});
