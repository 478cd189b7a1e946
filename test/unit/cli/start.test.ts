import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../../../src/cli/run.js";
import { RecordingContext } from "./recording-context.js";

describe("start", () => {
  let context: RecordingContext;
  beforeEach(() => {
    context = new RecordingContext();
  });

  /** Starts, waits for the banner, then stops by a signal. */
  async function startAndStop(...options: string[]): Promise<number> {
    const ended = run(["start", ...options], context);
    await vi.waitFor(() => expect([...context.printed, ...context.errors].join("\n")).toContain("Ctrl+C"));
    context.signal("SIGINT");
    return ended;
  }

  it("prints address, runtime, pools and a line to paste, and stops with code 0", async () => {
    expect(await startAndStop("--port", "4999")).toBe(0);
    const output = context.printed.join("\n");
    expect(output).toMatch(/emulator \d+\.\d+\.\d+ at http:\/\/localhost:4999/);
    expect(output).toContain("docker (Docker 28.0 at /var/run/docker.sock)");
    for (const name of ["python", "node", "shell"]) {
      expect(output).toContain(`http://localhost:4999/arm/${name}`);
      expect(output).toContain(`http://localhost:4999/pools/${name}`);
    }
    expect(output).toContain(
      `curl 'http://localhost:4999/pools/python/executions?api-version=2025-10-02-preview&identifier=my-session-1' -H 'Content-Type: application/json' -d '{"code":"print(6 * 7)"}'`,
    );
    expect(context).toMatchObject({ closed: 1, exits: [], listeners: 0 });
  });

  it("hands the settings on, flags before variables", async () => {
    context.environment = { DSE_PORT: "1111", DSE_AUTH: "strict", DSE_KEEP_CONTAINERS: "true" };
    await startAndStop(
      "--port",
      "2222",
      "--no-keep-containers",
      "--image",
      "my-byoc:dev",
      "--target-port",
      "8080",
    );
    expect(context.started).toHaveLength(1);
    expect(context.started[0]).toMatchObject({
      host: "127.0.0.1",
      port: 2222,
      auth: "strict",
      keepContainers: false,
      runtime: "auto",
    });
    expect(context.started[0]?.pools.at(-1)).toMatchObject({
      name: "custom",
      image: "my-byoc:dev",
      targetPort: 8080,
    });
  });

  it("leaves standard output to the log when that is JSON", async () => {
    await startAndStop("--log-format", "json");
    expect(context.printed).toEqual([]);
    expect(context.errors.join("\n")).toContain("http://localhost:4380");
  });

  it("warns when others can reach it without a token", async () => {
    await startAndStop("--host", "0.0.0.0");
    expect(context.errors[0]).toMatch(/^warning: --host: 0\.0\.0\.0 .*--auth strict/);
    const strict = new RecordingContext();
    context = strict;
    await startAndStop("--host", "0.0.0.0", "--auth", "strict");
    expect(strict.errors.filter((line) => line.startsWith("warning"))).toEqual([]);
  });

  it("closes what has started when the signal came during the start", async () => {
    let go = () => {};
    context.starting = () => new Promise((resolve) => (go = resolve));
    const ended = run(["start"], context);
    await vi.waitFor(() => expect(context.started).toHaveLength(1));
    context.signal("SIGTERM");
    go();
    expect(await ended).toBe(0);
    expect(context.closed).toBe(1);
  });

  it("takes signals of one moment for one, and a later one for an order to end at once", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      context.starting = () => new Promise(() => {});
      void run(["start"], context);
      await vi.waitFor(() => expect(context.started).toHaveLength(1));
      context.signal("SIGINT");
      context.signal("SIGINT");
      expect(context.exits).toEqual([]);
      vi.setSystemTime(Date.now() + 1_000);
      context.signal("SIGINT");
      expect(context.exits).toEqual([130]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("closes and ends with code 1 after an error that nothing caught", async () => {
    const ended = run(["start"], context);
    await vi.waitFor(() => expect(context.printed.length).toBeGreaterThan(0));
    context.crash(new Error("lost\nthe thread"));
    expect(await ended).toBe(1);
    expect(context.closed).toBe(1);
    expect(context.errors.at(-1)).toBe("error: lost the thread");
  });

  it("says in one line why it could not start, with the session's last log lines below", async () => {
    context.starting = async () => {
      throw Object.assign(new Error("the image 'x' is missing"), { details: "first\nsecond\n" });
    };
    expect(await run(["start"], context)).toBe(1);
    expect(context.errors).toEqual(["error: the image 'x' is missing", "  | first", "  | second"]);
    expect(context.listeners).toBe(0);
  });

  it.each([
    [
      { code: "EADDRINUSE", address: "127.0.0.1", port: 4380 },
      /^error: --port: 127\.0\.0\.1 port 4380 is in use\./,
    ],
    [{ code: "EACCES", address: "127.0.0.1", port: 80 }, /^error: --port: .*above 1023/],
    [
      { code: "EADDRNOTAVAIL", address: "10.9.8.7", port: 80 },
      /^error: --host: 10\.9\.8\.7 is not an address/,
    ],
  ])("names the setting behind %j", async (fields, message) => {
    context.starting = async () => {
      throw Object.assign(new Error("listen"), fields);
    };
    expect(await run(["start"], context)).toBe(1);
    expect(context.errors).toEqual([expect.stringMatching(message)]);
  });

  it("shows a stack trace only when asked to", async () => {
    context.starting = async () => {
      throw new Error("odd");
    };
    context.environment = { DSE_DEBUG: "1" };
    await run(["start"], context);
    expect(context.errors.some((line) => /^\s+at /.test(line))).toBe(true);
  });

  describe("with a pools file", () => {
    beforeEach(async () => {
      context.workingDirectory = await mkdtemp(join(tmpdir(), "start-"));
    });
    afterEach(() => rm(context.workingDirectory, { recursive: true }));

    it("starts its pools, with its warnings, and asks a custom pool for its health", async () => {
      await writeFile(
        join(context.workingDirectory, "pools.yaml"),
        "pools: [{ name: mine, containerType: CustomContainer, image: a, targetPort: 1, cooldownPeriodInSeconds: 5 }]",
      );
      expect(await startAndStop()).toBe(0);
      expect(context.started[0]?.pools).toMatchObject([{ name: "mine", cooldownPeriodInSeconds: 5 }]);
      expect(context.errors[0]).toMatch(/^warning: pools\.yaml:1:\d+: pools\[0\]\.cooldownPeriodInSeconds: /);
      expect(context.printed.join("\n")).toContain(
        "curl -i 'http://localhost:4380/pools/mine/health?identifier=my-session-1'",
      );
    });

    it("refuses a wrong one with code 2, one line for each issue, and starts nothing", async () => {
      await writeFile(
        join(context.workingDirectory, "mine.yaml"),
        "pools:\n  - name: abc\n    containerType: Shel\n    cpus: 2\n",
      );
      expect(await run(["start", "--config", "mine.yaml"], context)).toBe(2);
      expect(context.errors).toEqual([
        'error: mine.yaml:3:20: pools[0].containerType: "Shel" is not known. Did you mean Shell?',
        "error: mine.yaml:4:5: pools[0].cpus: unknown key. Did you mean cpu?",
      ]);
      expect(context.started).toEqual([]);
    });
  });
});
