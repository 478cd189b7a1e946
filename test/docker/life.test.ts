import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/index.js";
import { emulatorForTests, eventually, newIdentifier, sessionsOf, webPool } from "./support/emulator.js";
import { aliasOf, containersOf, newFolder, newPool, onePool, start } from "./support/process.js";

async function text(url: string): Promise<string> {
  return (await fetch(url)).text();
}

describe("instances kept ready", () => {
  const emulator = emulatorForTests({ pools: [webPool("warm", { readySessionInstances: 2 })] });

  async function pool() {
    const { value } = (await (await fetch(`${emulator.url}/_emulator/pools`)).json()) as {
      value: { ready: number; allocations: { warm: number; cold: number } }[];
    };
    return value[0];
  }

  it("serve new identifiers, each with an instance of its own, and are replaced", async () => {
    await eventually("two are ready", async () => (await pool())?.ready === 2);
    const [a, b] = [newIdentifier(), newIdentifier()];
    const answers = [a, b].map((identifier) =>
      text(`${emulator.url}/pools/warm/visits?identifier=${identifier}`),
    );
    expect(await Promise.all(answers)).toEqual(["1", "1"]);
    expect(await pool()).toMatchObject({ allocations: { warm: 2, cold: 0 } });
    await eventually("they are replaced", async () => (await pool())?.ready === 2);
  });
});

describe("a session that fails its liveness probe", () => {
  const httpGet = { path: "/health", port: 8080 };
  const probes = [{ type: "Liveness", httpGet, periodSeconds: 1, failureThreshold: 2 }];
  const emulator = emulatorForTests({ pools: [webPool("frail", { probes })] });

  it("is removed, and the identifier starts fresh", async () => {
    const url = (path: string) => `${emulator.url}/pools/frail${path}?identifier=user-1`;
    expect(await text(url("/visits"))).toBe("1");
    expect(await text(url("/visits"))).toBe("2");
    await fetch(url("/sicken"));
    await eventually("it is gone", async () => (await sessionsOf(emulator, "frail")).length === 0);
    expect(await text(url("/visits"))).toBe("1");
  });
});

describe("an emulator that is killed", () => {
  it.each([[[]], [["--state-dir"]]])("has everything removed by its reaper (%j)", async (options) => {
    const pool = newPool();
    const run = await start(options.length > 0 ? [...options, await newFolder()] : [], onePool(pool));
    expect(await text(`${await aliasOf(run, pool)}/visits?identifier=user-1`)).toBe("1");
    run.process.kill("SIGKILL");
    await run.exited;
    await eventually("everything is gone", async () => (await containersOf(pool)) === 0);
  });
});

describe("two emulators on one engine", () => {
  it("do not touch each other's sessions", async () => {
    const [one, other] = await Promise.all(
      ["first", "second"].map((name) => startEmulator({ port: 0, pools: [webPool(name)] })),
    );
    try {
      expect(await text(`${one?.url}/pools/first/visits?identifier=user-1`)).toBe("1");
      expect(await text(`${other?.url}/pools/second/visits?identifier=user-1`)).toBe("1");
      await one?.close();
      expect(await text(`${other?.url}/pools/second/visits?identifier=user-1`)).toBe("2");
    } finally {
      await Promise.all([one?.close(), other?.close()]);
    }
  });

  it("refuse to share a state folder", async () => {
    const stateDir = await newFolder();
    const first = await startEmulator({ port: 0, stateDir, pools: [webPool("web")] });
    try {
      await expect(startEmulator({ port: 0, stateDir, pools: [webPool("web")] })).rejects.toThrow(
        /--state-dir.*in use/,
      );
    } finally {
      await first.close();
    }
  });
});
