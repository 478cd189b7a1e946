import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Emulator, type LibraryOptions, startEmulator } from "../../../src/index.js";

let emulator: Emulator | undefined;
let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "dse-choose-"));
  vi.stubEnv("DOCKER_HOST", `unix://${folder}/no-engine.sock`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await emulator?.close();
  emulator = undefined;
  await rm(folder, { recursive: true, force: true });
});

async function start(options: LibraryOptions): Promise<Emulator> {
  emulator = await startEmulator({ port: 0, ...options });
  return emulator;
}

const shell = { name: "box", containerType: "Shell" as const };
const custom = {
  name: "mine",
  containerType: "CustomContainer" as const,
  image: "my-byoc:dev",
  targetPort: 6000,
};

it("takes the embedded runtime by itself where no engine answers, and says why and what is in force", async () => {
  const { url, runtime, reason, notes, pools } = await start({});
  expect(runtime).toBe("embedded");
  expect(reason).toMatch(
    /^no Docker engine answers \(.*no-engine\.sock.*\); sessions: Node's permission model, /,
  );
  expect(pools.map(({ name }) => name)).toEqual(["python", "node"]);
  expect(notes.join("\n")).toMatch(/'shell' is a shell, and that needs Docker/);
  expect(notes.join("\n")).toMatch(/your own code/);
  const health = await (await fetch(`${url}/_emulator/health`)).json();
  expect(health).toMatchObject({ status: "healthy", runtime: "embedded", reason });
  expect((await fetch(`${url}/_emulator/ready`)).status).toBe(200);
});

it("keeps its error where Docker was asked for", async () => {
  await expect(start({ runtime: "docker" })).rejects.toThrow(/no Docker engine answers .*Start Docker/);
  const dockerHost = `unix://${folder}/other.sock`;
  await expect(start({ runtime: "auto", dockerHost })).rejects.toThrow(
    /no Docker engine answers .*Start Docker/,
  );
});

it.each([
  ["auto", shell, "pool 'box' is a shell, and that needs Docker"],
  ["embedded", shell, "pool 'box' is a shell, and that needs Docker"],
  ["embedded", custom, "pool 'mine' runs the image 'my-byoc:dev', and images need Docker"],
] as const)(
  "refuses with --runtime %s a pool that needs Docker, in one line",
  async (runtime, pool, words) => {
    const error: Error = await start({ runtime, pools: [pool] }).then(
      () => expect.unreachable("it has started"),
      (thrown) => thrown,
    );
    expect(error.message).toContain(words);
    expect(error.message).toMatch(/npm run engine/);
    expect(error.message).not.toContain("\n");
  },
);

it("says that sessions stay without a network where a pool wants one", async () => {
  const python = {
    name: "open",
    containerType: "NodeLTS" as const,
    sessionNetworkStatus: "EgressEnabled" as const,
  };
  const { notes } = await start({ runtime: "embedded", pools: [{ ...python, readySessionInstances: 0 }] });
  expect(notes.join("\n")).toMatch(/'open': EgressEnabled has no effect/);
});

it("says which folder of wheels cannot be read", async () => {
  await expect(start({ runtime: "embedded", wheels: `${folder}/nowhere` })).rejects.toThrow(
    /--wheels: .*nowhere cannot be read/,
  );
});
