import type Docker from "dockerode";
import { beforeAll, expect, it } from "vitest";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { LABEL } from "../../src/runtime/docker/labels.js";
import { emulatorForTests, eventually, newIdentifier, sessionsOf, webPool } from "./support/emulator.js";

const POOL = "stocked";
const EGRESS = "stocked-out";
const emulator = emulatorForTests({
  pools: [webPool(POOL), webPool(EGRESS, { sessionNetworkStatus: "EgressEnabled" })],
});
let docker: Docker;
beforeAll(async () => {
  docker = (await findEngine()).docker;
});

/** Starts a session and gives its container's name. */
async function startSession(pool = POOL): Promise<string> {
  const identifier = newIdentifier();
  const response = await fetch(`${emulator.url}/pools/${pool}/visits?identifier=${identifier}`);
  expect(`${response.status} ${await response.text()}`).toBe("200 1");
  const found = (await sessionsOf(emulator, pool)).find((session) => session.identifier === identifier);
  return found?.container ?? "";
}

/** The relays of this emulator that wait for a session. */
async function spares(): Promise<Docker.ContainerInfo[]> {
  const session = await docker.getContainer(await startSession()).inspect();
  const owner = `${LABEL.emulator}=${session.Config.Labels[LABEL.emulator]}`;
  let found: Docker.ContainerInfo[] = [];
  await eventually("a relay waits", async () => {
    const filters = { label: [owner], name: ["^/dse-spare-"], status: ["running"] };
    found = await docker.listContainers({ filters });
    return found.length > 0;
  });
  return found;
}

it("a cold start gets the relay that waits, under the session's name", async () => {
  const [spare] = await spares();
  const session = await startSession();
  expect((await docker.getContainer(`${session}-relay`).inspect()).Id).toBe(spare?.Id);
});

it.each(["kill", "remove"] as const)("nobody notices that the relay that waited is gone: %s", async (how) => {
  const [spare] = await spares();
  const container = docker.getContainer(spare?.Id ?? "");
  await (how === "kill" ? container.kill() : container.remove({ force: true }));
  const session = await startSession();
  expect((await docker.getContainer(`${session}-relay`).inspect()).State.Running).toBe(true);
});

it("a session with egress never gets one: it has no way out", async () => {
  const [spare] = await spares();
  const session = await startSession(EGRESS);
  expect((await docker.getContainer(`${session}-relay`).inspect()).Id).not.toBe(spare?.Id);
});
