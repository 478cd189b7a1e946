import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/index.js";
import { emulatorForTests, newIdentifier, sessionsOf, webPool } from "./support/emulator.js";

describe("at the first request", () => {
  const emulator = emulatorForTests({
    verifyPools: false,
    startupTimeoutSeconds: 8,
    pools: [
      webPool("exits", { env: { EXIT_CODE: "3" } }),
      webPool("elsewhere", { targetPort: 9999 }),
      webPool("nothing", { command: ["/no/such/program"] }),
    ],
  });

  async function refused(pool: string): Promise<string> {
    const identifier = newIdentifier();
    const answer = await fetch(`${emulator.url}/pools/${pool}/?identifier=${identifier}`);
    expect(answer.status).toBe(500);
    expect(answer.headers.get("x-emulator-hint")).toBeTruthy();
    expect(await sessionsOf(emulator, pool)).toEqual([]);
    const text = await answer.text();
    expect(text).toContain(`Error happened when allocating pod for identifier ${identifier} in pool ${pool}`);
    return text;
  }

  it("a container that exits is named with its code and its last words", async () => {
    const text = await refused("exits");
    expect(text).toContain("exited with code 3 at start");
    expect(text).toContain("cannot go on: the licence file is missing");
  });

  it("a port where nobody listens is named with the port that does", async () => {
    expect(await refused("elsewhere")).toMatch(/nothing listens on targetPort 9999 .* listens on 8080/);
  });

  it("a program that is not there is named", async () => {
    expect(await refused("nothing")).toContain("/no/such/program");
  });
});

describe("at start", () => {
  it("an image that does not exist ends the start with its name", async () => {
    const pools = [webPool("absent", { image: "dse-test/no-such-image:none" })];
    await expect(startEmulator({ port: 0, pools })).rejects.toThrow(
      /dse-test\/no-such-image:none.*could not pull/,
    );
  });

  it("a custom pool that cannot start ends the start with the reason", async () => {
    const pools = [webPool("exits", { env: { EXIT_CODE: "4" } })];
    await expect(startEmulator({ port: 0, pools })).rejects.toThrow("exited with code 4");
  });

  it("a port that is taken ends the start with its number", async () => {
    const first = await startEmulator({ port: 0, pools: [webPool("web")] });
    try {
      const port = Number(new URL(first.url).port);
      await expect(startEmulator({ port, pools: [webPool("web")] })).rejects.toThrow(String(port));
    } finally {
      await first.close();
    }
  });
});
