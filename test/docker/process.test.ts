import { describe, expect, it } from "vitest";
import { WEB_IMAGE } from "./support/images.js";
import { aliasOf, containersOf, onePool, start } from "./support/process.js";

describe.each(["SIGINT", "SIGTERM"] as const)("%s", (signal) => {
  it("ends the emulator with code 0 and leaves nothing behind", async () => {
    const pool = signal.toLowerCase();
    const run = await start([], onePool(pool));
    const alias = await aliasOf(run, pool);
    for (const identifier of ["user-one", "user-two"]) {
      expect((await fetch(`${alias}/visits?identifier=${identifier}`)).status).toBe(200);
    }
    expect(await containersOf(pool)).toBe(4);
    run.process.kill(signal);
    expect(await run.exited).toBe(0);
    expect(await containersOf(pool)).toBe(0);
  });

  it("ends also while a session is still starting", async () => {
    const pool = `early-${signal.toLowerCase()}`;
    const run = await start(["--image", WEB_IMAGE, "--target-port", "9"], onePool(pool));
    await expect.poll(() => containersOf("custom"), { timeout: 60_000 }).toBeGreaterThan(0);
    run.process.kill(signal);
    expect(await run.exited).toBe(0);
    expect(await containersOf("custom")).toBe(0);
    expect(await containersOf(pool)).toBe(0);
  });
});

describe("a start that cannot work", () => {
  it.each([
    [
      "an image that does not exist",
      ["--image", "dse-test/absent:none", "--target-port", "80"],
      1,
      /--image/,
    ],
    [
      "a port where nobody listens",
      ["--image", WEB_IMAGE, "--target-port", "9999", "--startup-timeout-seconds", "8"],
      1,
      /listens on 8080; set targetPort \(--target-port\)/,
    ],
    ["a pools file with a wrong key", [], 2, /pools\.yaml:1:\d+: pools\[0\]\.containerTyp/],
    ["a port that is no port", ["--port", "many"], 2, /--port/],
  ])("%s: says so in one line and leaves nothing", async (name, options, code, message) => {
    const wrongFile = name.includes("file")
      ? "pools: [{ name: demo, containerTyp: PythonLTS }]\n"
      : undefined;
    const run = await start(options, wrongFile ?? onePool("unused"));
    expect(await run.exited).toBe(code);
    expect(run.output()).toMatch(message);
    expect(run.output()).not.toMatch(/^\s+at /m);
    expect(await containersOf("custom")).toBe(0);
    expect(await containersOf("unused")).toBe(0);
  });
});
