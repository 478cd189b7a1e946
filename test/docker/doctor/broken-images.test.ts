import { describe, expect, it } from "vitest";
import { doctor, findings, imageOf, imagesForTests } from "./support.js";

imagesForTests(
  "mini",
  "wrong-port",
  "slow",
  "exits",
  "needs-network",
  "no-data-folder",
  "locked-data-folder",
  "wrong-config",
);

const SHORT = ["--startup-timeout-seconds", "8"];

describe("doctor of an image that", () => {
  it("listens on another port: names the port, and goes on with it", async () => {
    const { code, text, of } = await doctor(imageOf("wrong-port"), ...SHORT);
    expect(code).toBe(1);
    expect(of("port")).toMatch(/^FAIL .*nothing listens on 6000; it listens on 9000\n.*--target-port 9000/);
    expect(of("executions")).toMatch(/^ok /);
    expect(text).toMatch(/1 of \d+ checks failed\.$/);
  });

  it("takes longer than a pool waits: says how long, and what to set", async () => {
    const { code, of } = await doctor(imageOf("slow"), "--startup-timeout-seconds", "20");
    expect(code).toBe(1);
    expect(of("start-up")).toMatch(
      /^FAIL .*ready after 2\d\.\d s, later than the 20 s that a pool waits\n.*--startup-timeout-seconds \d+/,
    );
    expect(of("executions")).toMatch(/^ok /);
  });

  it("exits at once: shows its exit code and its last words", async () => {
    const { code, of } = await doctor(imageOf("exits"), ...SHORT);
    expect(code).toBe(1);
    expect(of("start-up")).toMatch(/^FAIL .*exited with code 3 at start/);
    expect(of("start-up")).toContain("| cannot go on: the licence file is missing");
    expect(of("egress")).toMatch(/^ok .*with a network it fails as well/);
  });

  it("needs the network: says so, and names the pool's setting", async () => {
    const { code, of } = await doctor(imageOf("needs-network"), ...SHORT);
    expect(code).toBe(1);
    expect(of("egress")).toMatch(/^FAIL .*it needs the network to start/);
    expect(of("egress")).toContain("| the licence server cannot be reached: connect ENETUNREACH");
    expect(of("egress")).toContain("sessionNetworkStatus: EgressEnabled");
    expect(of("executions")).toMatch(/^ok /);
    const allowed = await doctor(imageOf("needs-network"), "--egress", ...SHORT);
    expect(allowed.text).not.toContain("FAIL");
    expect(allowed.code).toBe(0);
  });

  it("has no /mnt/data: names the line for the Dockerfile", async () => {
    const { code, of } = await doctor(imageOf("no-data-folder"), ...SHORT);
    expect(code).toBe(1);
    expect(of("data folder")).toMatch(
      /^FAIL .*there is no \/mnt\/data.*\n.*RUN install -d -m 0777 \/mnt\/data/,
    );
    expect(of("files")).toMatch(/^FAIL .*POST \/files answered 500/);
  });

  it("runs as a user who may not write /mnt/data: names the user", async () => {
    const { code, of } = await doctor(imageOf("locked-data-folder"), "--startup-timeout-seconds", "30");
    expect(code).toBe(1);
    expect(of("user")).toMatch(/^ok .*ubuntu \(uid 1000\)/);
    expect(of("data folder")).toMatch(
      /^FAIL .*\/mnt\/data cannot be written by ubuntu \(uid 1000\)\n.*RUN install/,
    );
    expect(of("executions")).toMatch(/^ok /);
    expect(of("files")).toMatch(/^FAIL /);
  });

  it("has a mistake in its configuration file: names file, line and key, though nothing runs", async () => {
    const { code, of } = await doctor(imageOf("wrong-config"), "--startup-timeout-seconds", "30");
    expect(code).toBe(1);
    expect(of("config")).toMatch(/^FAIL .*\/app\/codeInterpreterConf\.yaml:8: 'spec\.kernel\.port'/);
    expect(of("start-up")).toMatch(/^FAIL .*exited with code/);
  });

  it("is nowhere: says how to build or pull it", async () => {
    const { code, findings: found } = await findings("dse-test/no-such-image:dev");
    expect(code).toBe(1);
    expect(found).toEqual([
      expect.objectContaining({
        check: "image",
        level: "fail",
        message: expect.stringContaining("no-such-image"),
      }),
    ]);
  });
});
