import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/index.js";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { eventually, newIdentifier, sessionsOf, webPool } from "../docker/support/emulator.js";
import { WEB_IMAGE } from "../docker/support/images.js";
import { EngineProxy } from "./support/engine-proxy.js";
import { inEngine, leftAfter30Seconds } from "./support/left.js";
import { reportOf } from "./support/report.js";

const POOL = "troubled";
const VANISHING = "dse-test/vanishing:latest";
const { docker, address } = await findEngine();
let proxy: EngineProxy;
let emulator: Emulator;

async function startBehindProxy(pool: string): Promise<Emulator> {
  const pools = [webPool(pool), webPool("vanishing", { image: VANISHING })];
  const dockerHost = proxy.address;
  return startEmulator({ port: 0, dockerHost, pools, startupTimeoutSeconds: 8, verifyPools: false });
}

beforeAll(async () => {
  proxy = await EngineProxy.to(address.replace(/^unix:\/\//, ""));
  await docker.getImage(WEB_IMAGE).tag({ repo: "dse-test/vanishing", tag: "latest" });
  emulator = await startBehindProxy(POOL);
});
afterAll(async () => {
  await proxy.behave("well");
  await emulator.close();
  await proxy.close();
  await docker
    .getImage(VANISHING)
    .remove({ noprune: true })
    .catch(() => undefined);
});

const report = reportOf(
  {
    id: "engine-trouble",
    title: "The engine gives trouble",
    text: "A custom container pool behind a socket that can refuse, hang, delay and cut. The emulator is not restarted.",
    columns: ["the engine", "the caller got", "left", "afterwards"],
  },
  10,
);

/** One visit of a session: the status with its count, or what was wrong. */
async function visit(identifier: string, pool = POOL): Promise<string> {
  const answer = await fetch(`${emulator.url}/pools/${pool}/visits?identifier=${identifier}`);
  const words = (await answer.text()).replaceAll(identifier, "…");
  return `${answer.status} ${words}`;
}

/** What there is beyond the containers of the sessions that the emulator knows. */
async function unknownInEngine(pool = POOL): Promise<string[]> {
  const known = (await sessionsOf(emulator, pool)).map(({ container }) => container);
  const names = await inEngine(docker, `dse-${pool}-`);
  return names.filter((name) => !known.some((one) => name.includes(one)));
}

const REFUSED =
  /^500 Error happened when allocating pod for identifier … in pool troubled: the Docker engine does not answer/;

it("is away: a new identifier gets the reason, a running session goes on", async () => {
  const running = newIdentifier();
  expect(await visit(running)).toBe("200 1");
  await proxy.behave("away");
  const late = newIdentifier();
  const told = await visit(late);
  expect(told).toMatch(REFUSED);
  expect(await visit(running)).toBe("200 2");
  expect((await fetch(`${emulator.url}/_emulator/ready`)).status).toBe(503);
  await sleep(5_000);
  await proxy.behave("well");
  expect((await fetch(`${emulator.url}/_emulator/ready`)).status).toBe(200);
  expect(await visit(late)).toBe("200 1");
  expect(await visit(running)).toBe("200 3");
  const left = await leftAfter30Seconds(unknownInEngine);
  expect(left).toBe("nothing");
  report([
    "is away for 5 s, a new identifier",
    "500, the engine does not answer",
    left,
    "200, no restart needed",
  ]);
  report(["is away for 5 s, a running session", "200", left, "200, the session goes on"]);
});

it("is silent: the caller is not left waiting for ever", async () => {
  const identifier = newIdentifier();
  await proxy.behave("silent");
  const told = await visit(identifier);
  expect(told).toMatch(REFUSED);
  await proxy.behave("well");
  proxy.cut();
  expect(await visit(identifier)).toBe("200 1");
  const left = await leftAfter30Seconds(unknownInEngine);
  expect(left).toBe("nothing");
  report(["takes requests and never answers", "500, the engine does not answer", left, "200"]);
});

it("is slow: the caller waits", async () => {
  await proxy.behave("slow");
  const told = await visit(newIdentifier());
  await proxy.behave("well");
  expect(told).toBe("200 1");
  const left = await leftAfter30Seconds(unknownInEngine);
  expect(left).toBe("nothing");
  report(["needs a second more for every request", "200", left, "200"]);
});

it.each([
  ["container", /POST \/containers\/create\?name=dse-troubled-[0-9a-f]{8}&/],
  ["relay", /POST \/containers\/create\?name=dse-troubled-[0-9a-f]{8}-relay&/],
])("breaks off while it makes the %s: nothing stays", async (what, request) => {
  const identifier = newIdentifier();
  // Takes the relay that waits ready, so that one must be made.
  expect(await visit(newIdentifier())).toBe("200 1");
  proxy.cutNext(request);
  const told = await visit(identifier);
  expect(told).toMatch(REFUSED);
  expect(await visit(identifier)).toBe("200 1");
  const left = await leftAfter30Seconds(unknownInEngine);
  expect(left).toBe("nothing");
  report([`breaks off while it makes the ${what}`, "500, the engine does not answer", left, "200"]);
});

it("broke all connections: the end of a container is noticed all the same", async () => {
  const identifier = newIdentifier();
  expect(await visit(identifier)).toBe("200 1");
  const [container] = (await sessionsOf(emulator, POOL)).filter((one) => one.identifier === identifier);
  proxy.cut();
  await sleep(2_000);
  await docker.getContainer(container?.container ?? "").kill();
  await eventually("it is noticed", async () => {
    const sessions = await sessionsOf(emulator, POOL);
    return sessions.every((one) => one.identifier !== identifier);
  });
  expect(await visit(identifier)).toBe("200 1");
  const left = await leftAfter30Seconds(unknownInEngine);
  expect(left).toBe("nothing");
  report(["breaks every connection, then a container dies", "–", left, "200, a new session"]);
});

it("is away while a session is stopped: it is removed later", async () => {
  const identifier = newIdentifier();
  expect(await visit(identifier)).toBe("200 1");
  await proxy.behave("away");
  const url = `${emulator.url}/pools/${POOL}/.management/stopSession?identifier=${identifier}`;
  const { status } = await fetch(url, { method: "POST" });
  expect(status).toBe(200);
  await proxy.behave("well");
  const left = await leftAfter30Seconds(unknownInEngine);
  expect(left).toBe("nothing");
  expect(await visit(identifier)).toBe("200 1");
  report(["is away while a session is stopped", "200", left, "200, a new session"]);
});

it("has lost the image: the answer names it", async () => {
  const identifier = newIdentifier();
  await docker.getImage(VANISHING).remove({ noprune: true });
  const told = await visit(identifier, "vanishing");
  expect(told).toMatch(/^500 .*the engine has no image 'dse-test\/vanishing:latest'/);
  const left = await leftAfter30Seconds(() => unknownInEngine("vanishing"));
  await docker.getImage(WEB_IMAGE).tag({ repo: "dse-test/vanishing", tag: "latest" });
  expect(await visit(identifier, "vanishing")).toBe("200 1");
  report(["has lost the pool's image", "500, names the image", left, "200, when the image is back"]);
});

it("is away when the emulator ends: what is left is removed when it is back", async () => {
  const pool = "farewell";
  const other = await startBehindProxy(pool);
  const answer = await fetch(`${other.url}/pools/${pool}/visits?identifier=user-1`);
  expect(answer.status).toBe(200);
  await proxy.behave("away");
  await other.close();
  await proxy.behave("well");
  const left = await leftAfter30Seconds(() => inEngine(docker, `dse-${pool}-`));
  expect(left).toBe("nothing");
  report(["is away while the emulator ends", "–", left, "–"]);
});
