import net from "node:net";
import type Docker from "dockerode";
import { beforeAll, describe, expect, it } from "vitest";
import { startEmulator } from "../../../src/index.js";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { LABEL } from "../../../src/runtime/docker/labels.js";
import { emulatorForTests, newIdentifier, sessionsOf, webPool } from "../support/emulator.js";
import { callersOf, gateOf, inside, portOf, reaches } from "./support.js";

/** Answers what a program inside the session prints. */
const RUNS_CODE = `require("node:http").createServer((req, res) => {
  const code = new URL(req.url, "http://x").searchParams.get("code");
  if (!code) return res.end("ok");
  require("node:child_process").execFile("node", ["-e", code], (_, stdout, stderr) => res.end(stdout + stderr));
}).listen(8080)`;
const runsCode = { command: ["node", "-e", RUNS_CODE] };

const emulator = emulatorForTests({
  reach: "gate",
  pools: [
    webPool("gated"),
    webPool("closed", runsCode),
    webPool("open", { ...runsCode, sessionNetworkStatus: "EgressEnabled" }),
  ],
});
let docker: Docker;
let gate: Docker.ContainerInspectInfo;

function url(path: string, identifier: string, pool = "gated"): string {
  return `${emulator.url}/pools/${pool}${path}${path.includes("?") ? "&" : "?"}identifier=${identifier}`;
}

async function ask(path: string, identifier: string, pool?: string): Promise<string> {
  return (await fetch(url(path, identifier, pool))).text();
}

/** Starts a session and gives its container. */
async function startSession(
  pool = "gated",
): Promise<{ identifier: string; container: Docker.ContainerInspectInfo }> {
  const identifier = newIdentifier();
  expect((await fetch(url("/", identifier, pool))).status).toBeLessThan(500);
  const session = (await sessionsOf(emulator, pool)).find((one) => one.identifier === identifier);
  return { identifier, container: await docker.getContainer(session?.container ?? "").inspect() };
}

beforeAll(async () => {
  docker = (await findEngine()).docker;
  gate = await gateOf(docker, (await startSession()).container);
});

it("is said in health", async () => {
  const health = (await (await fetch(`${emulator.url}/_emulator/health`)).json()) as { reason: string };
  expect(health.reason).toMatch(/^Docker .* at .*, sessions reached through a gate$/);
});

describe("what stands open", () => {
  it("is one port on this machine's loopback, the gate's", async () => {
    const emulatorId = gate.Config.Labels[LABEL.emulator];
    const filters = { label: [`${LABEL.emulator}=${emulatorId}`] };
    const published = (await docker.listContainers({ filters })).flatMap(({ Names, Ports }) =>
      Ports.filter(({ PublicPort }) => PublicPort !== undefined).map(({ IP }) => `${Names[0]} ${IP}`),
    );
    expect(published).toEqual([`${gate.Name} 127.0.0.1`]);
  });

  it("the volume of the sockets is in no session's container", async () => {
    const { container } = await startSession();
    expect(container.Mounts).toEqual([]);
    const relay = await docker.getContainer(`${container.Name.slice(1)}-relay`).inspect();
    expect(relay.Mounts.map(({ Type }) => Type)).toEqual(["volume"]);
  });
});

describe("a session", () => {
  const connectsTo = (host: string, port: number) => `
    const socket = require("node:net").connect({ host: "${host}", port: ${port}, timeout: 2000 });
    socket.on("connect", () => { console.log("reached"); process.exit(); });
    socket.on("error", (error) => { console.log(error.code); process.exit(); });
    socket.on("timeout", () => { console.log("timeout"); process.exit(); });`;
  const run = (code: string, identifier: string, pool: string) =>
    ask(`/?code=${encodeURIComponent(code)}`, identifier, pool);

  it("without egress has nothing but its own loopback", async () => {
    const { identifier } = await startSession("closed");
    const interfaces = "console.log(Object.keys(require('node:os').networkInterfaces()).join())";
    expect(await run(interfaces, identifier, "closed")).toBe("lo\n");
    expect(await run(connectsTo(inside(gate), 4381), identifier, "closed")).toMatch(/UNREACH/);
    expect(await run(connectsTo("1.1.1.1", 53), identifier, "closed")).toMatch(/UNREACH/);
  });

  it("with egress reaches neither the gate nor its published port", async () => {
    const { identifier, container } = await startSession("open");
    const relay = await docker.getContainer(`${container.Name.slice(1)}-relay`).inspect();
    const gateway = Object.values(relay.NetworkSettings.Networks)[0]?.Gateway ?? "";
    expect(gateway).toMatch(/^10\.212\./);
    // The machine itself reaches it there: it is no other address that is tried.
    expect(await reaches(inside(gate), 4381)).toBe(true);
    expect(await run(connectsTo(inside(gate), 4381), identifier, "open")).not.toContain("reached");
    expect(await run(connectsTo(gateway, portOf(gate)), identifier, "open")).not.toContain("reached");
  });
});

describe("a caller on this machine", () => {
  const callers = callersOf(() => gate);

  it("with the secret gets a session's socket, and what was sent early as well", async () => {
    const { container } = await startSession();
    const name = `${container.Name.slice(-8)}/8080.sock`;
    const request = `GET /visits?identifier=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
    expect(await callers.say(`${callers.secret()} open ${name}\n${request}`)).toMatch(
      new RegExp(`^${callers.gateSecret()}\\+HTTP/1.1 200 OK`),
    );
  });

  it("without it gets nothing", async () => {
    const name = `${(await startSession()).container.Name.slice(-8)}/8080.sock`;
    const { secret } = callers;
    for (const line of [
      `open ${name}`,
      ` open ${name}`,
      `${"0".repeat(64)} open ${name}`,
      `${secret().slice(0, 63)} open ${name}`,
      `${secret().slice(0, 63)}g open ${name}`,
      `${secret()}0 open ${name}`,
      `${secret()}open ${name}`,
      secret(),
      "",
      "GET / HTTP/1.1",
      "x".repeat(100_000),
    ]) {
      expect({ line, answer: await callers.say(`${line}\n`) }).toEqual({ line, answer: "" });
    }
  });

  it("gets nothing for a name that is no session's socket", async () => {
    const id = (await startSession()).container.Name.slice(-8);
    for (const order of [
      `open ../${id}/8080.sock`,
      `open ${id}/../${id}/8080.sock`,
      `open /run/relay/${id}/8080.sock`,
      `open ${id}/8080.sock/`,
      `open ${id}//8080.sock`,
      `open ${id}/808080.sock`,
      `open ${id}/.sock`,
      `open ${id}/-1.sock`,
      `open ${id}/8080.sock x`,
      `open  ${id}/8080.sock`,
      `open ${id}`,
      `OPEN ${id}/8080.sock`,
      `make ../../../tmp`,
      `make ........`,
      `make ${id}/x`,
      `clear .`,
      `clear ..`,
      `clear ${id.slice(1)}`,
      "stop",
    ]) {
      expect({ order, answer: await callers.say(`${callers.secret()} ${order}\n`) }).toEqual({
        order,
        answer: "",
      });
    }
  });

  it("is told when there is no such socket", async () => {
    expect(await callers.say(`${callers.secret()} open 00000000/8080.sock\n`)).toBe(
      `${callers.gateSecret()}-`,
    );
  });

  it("is hung up on when nothing comes, while others are served", async () => {
    const { identifier } = await startSession();
    const silent = Array.from({ length: 400 }, () => callers.say(undefined));
    expect(await ask("/visits", identifier)).toBe("1");
    expect(new Set(await Promise.all(silent))).toEqual(new Set([""]));
  });
});

describe("a gate that is gone", () => {
  it.each([
    ["killed", (id: string) => docker.getContainer(id).kill()],
    ["removed", (id: string) => docker.getContainer(id).remove({ force: true })],
  ])("%s: another takes its place, and the sessions go on", async (_how, end) => {
    const { identifier, container } = await startSession();
    expect(await ask("/visits", identifier)).toBe("1");
    const before = await gateOf(docker, container);
    await end(before.Id);
    expect(await Promise.all([ask("/visits", identifier), ask("/health", identifier)])).toEqual(["2", ""]);
    const after = await gateOf(docker, container);
    expect(after.Id).not.toBe(before.Id);
    // Whoever has got the old port and heard the old secret can do nothing with it.
    expect(after.Config.Env).not.toEqual(before.Config.Env);
    const identifiers = [newIdentifier(), newIdentifier()];
    expect(await Promise.all(identifiers.map((one) => ask("/visits", one)))).toEqual(["1", "1"]);
  });

  it("a stranger on its port gets no request", async () => {
    const { identifier, container } = await startSession();
    const before = await gateOf(docker, container);
    await docker.getContainer(before.Id).kill();
    const heard: Buffer[] = [];
    const stranger = net.createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        heard.push(data);
        socket.write(`${"0".repeat(64)}+`);
      });
    });
    await new Promise<void>((resolve) => stranger.listen(portOf(before), "127.0.0.1", resolve));
    try {
      expect(await ask("/visits", identifier)).toBe("1");
      expect(Buffer.concat(heard).toString()).not.toContain("visits");
      expect(heard.length).toBeGreaterThan(0);
    } finally {
      await new Promise((resolve) => stranger.close(resolve));
    }
  });
});

it("an emulator that ends takes its gate, network and volume along, and no other's", async () => {
  const owner = `${LABEL.emulator}=${gate.Config.Labels[LABEL.emulator]}`;
  const other = await startEmulator({ port: 0, reach: "gate", pools: [webPool("second")] });
  const path = `${other.url}/pools/second/visits?identifier=user-1`;
  expect(await (await fetch(path)).text()).toBe("1");
  const [session] = await sessionsOf(other, "second");
  const container = await docker.getContainer(session?.container ?? "").inspect();
  const label = [`${LABEL.emulator}=${container.Config.Labels[LABEL.emulator]}`];
  await other.close();
  const left = async (filter: string[]) => {
    const filters = { label: filter };
    const { Volumes } = await docker.listVolumes({ filters });
    const gates = await docker.listContainers({ all: true, filters });
    return [gates.length, (await docker.listNetworks({ filters })).length, (Volumes ?? []).length];
  };
  expect(await left(label)).toEqual([0, 0, 0]);
  const [containers, networks, volumes] = await left([owner]);
  expect(containers).toBeGreaterThan(1);
  expect([(networks ?? 0) > 0, volumes]).toEqual([true, 1]);
  expect(await ask("/visits", newIdentifier())).toBe("1");
});
