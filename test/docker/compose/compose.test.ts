import { writeFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { ensureImages } from "../../../src/runtime/docker/images/ensure-images.js";
import { demultiplex } from "../../../src/runtime/docker/logs.js";
import { eventually, newIdentifier, sessionsOf } from "../support/emulator.js";
import { WEB_IMAGE } from "../support/images.js";
import { newFolder } from "../support/process.js";
import { type Composition, composition, isReady } from "./compose.js";

const PROJECT = `dsetest${process.pid}`;
const identifier = newIdentifier();
const { docker, address } = await findEngine();
let compose: Composition;
let url: string;

/** What the project has in the engine, and the emulator in it. */
async function belongings(): Promise<string[]> {
  const ofProject = { label: [`com.docker.compose.project=${PROJECT}`] };
  const containers = [
    ...(await docker.listContainers({ all: true, filters: ofProject })),
    ...(await docker.listContainers({ all: true, filters: { volume: [`${PROJECT}_sessions`] } })),
    ...(await docker.listContainers({ all: true, filters: { name: ["^/dse-composed-"] } })),
  ];
  const networks = await docker.listNetworks({ filters: ofProject });
  const { Volumes } = await docker.listVolumes({ filters: ofProject });
  return [
    ...containers.map(({ Names }) => String(Names[0])),
    ...[...networks, ...(Volumes ?? [])].map(({ Name }) => Name),
  ].sort();
}

async function emulatorContainer(): Promise<Docker.Container> {
  const id = (await compose.run("ps", "-q", "emulator")).trim();
  return docker.getContainer(id);
}

async function untilItAnswers(): Promise<void> {
  await eventually("the emulator answers", () => isReady(url));
}

async function run(code: string): Promise<unknown> {
  const path = `/pools/composed/executions?api-version=2025-10-02-preview&identifier=${identifier}`;
  const answer = await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify({ code }) });
  return ((await answer.json()) as { result?: { executionResult: unknown } }).result?.executionResult;
}

beforeAll(async () => {
  await ensureImages(
    docker,
    ["relay", "python", "emulator"].map((name) => `dynamic-sessions/${name}:latest`),
  );
  const folder = await newFolder();
  const pools = path.join(folder, "pools.yaml");
  const overrides = path.join(folder, "docker-compose.test.yml");
  await writeFile(
    pools,
    "pools:\n  - { name: composed, containerType: PythonLTS, readySessionInstances: 0 }\n",
  );
  // JSON is YAML.
  const services = { emulator: { volumes: [`${pools}:/config/pools.yaml:ro`] } };
  await writeFile(overrides, JSON.stringify({ version: "3.9", services }));
  const port = await freePort();
  url = `http://localhost:${port}`;
  compose = composition(PROJECT, overrides, {
    DSE_PORT: String(port),
    DSE_ENGINE_SOCKET: address.replace(/^unix:\/\//, ""),
  });
  await compose.run("up", "-d");
  await untilItAnswers();
});
afterAll(async () => {
  await compose?.run("down", "--volumes");
});

it("executes code, in a session that has no network", async () => {
  expect(await run("x = 6 * 7\nx")).toBe(42);
  const [session] = await sessionsOf({ url }, "composed");
  const container = await docker.getContainer(session?.container ?? "").inspect();
  const relay = await docker.getContainer(`${session?.container}-relay`).inspect();
  expect(relay.HostConfig.NetworkMode).toBe("none");
  expect(container.HostConfig.NetworkMode).toBe(`container:${relay.Id}`);
  expect(await run("import os; sorted(os.listdir('/sys/class/net'))")).toBe("['lo']");
  expect(container.Mounts).toEqual([]);
});

it("reaches its sessions through the volume of the project, and says so", async () => {
  const health = (await (await fetch(`${url}/_emulator/health`)).json()) as { reason: string };
  expect(health.reason).toContain(`sessions reached through the volume ${PROJECT}_sessions`);
});

it("is published on this machine's loopback alone", async () => {
  const { NetworkSettings } = await (await emulatorContainer()).inspect();
  const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
  expect(published).toEqual([{ HostIp: "127.0.0.1", HostPort: new URL(url).port }]);
});

it("runs as a user of its own, who may use the engine's socket", async () => {
  const { Processes } = await (await emulatorContainer()).top({ ps_args: "-eo uid,pid,args" });
  expect(Processes.length).toBeGreaterThan(0);
  for (const [uid, , command] of Processes as string[][])
    expect({ command, uid }).toEqual({ command, uid: "990" });
});

it("becomes healthy", async () => {
  const container = await emulatorContainer();
  await eventually(
    "it is healthy",
    async () => (await container.inspect()).State.Health?.Status === "healthy",
  );
});

it("is reached by another service of the project under its name", async () => {
  const address = `http://emulator:${new URL(url).port}/_emulator/health`;
  const other = await docker.createContainer({
    Image: WEB_IMAGE,
    Entrypoint: ["node", "-e", `fetch("${address}").then((answer) => console.log(answer.status))`],
    HostConfig: { NetworkMode: `${PROJECT}_default` },
  });
  try {
    const stream = await other.attach({ stream: true, stdout: true, stderr: true });
    await other.start();
    expect(await demultiplex(docker, stream)).toBe("200\n");
  } finally {
    await other.remove({ force: true });
  }
});

it("goes on with its sessions when it was killed and is started again", async () => {
  expect(await run("y = 7\ny")).toBe(7);
  const container = await emulatorContainer();
  await container.kill();
  await container.start();
  await untilItAnswers();
  expect(await run("y")).toBe(7);
});

it("leaves nothing behind: down keeps the one volume of the file, and --volumes takes that too", async () => {
  expect(await belongings()).toEqual(expect.arrayContaining([expect.stringMatching(/^\/dse-composed-/)]));
  await compose.run("down");
  expect(await belongings()).toEqual([`${PROJECT}_sessions`]);
  await compose.run("down", "--volumes");
  expect(await belongings()).toEqual([]);
});

/** A port that nobody has at this moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const found = server.address();
      server.close(() =>
        found && typeof found === "object" ? resolve(found.port) : reject(new Error("no port")),
      );
    });
  });
}
