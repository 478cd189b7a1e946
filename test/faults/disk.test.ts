import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/index.js";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { ensureImages } from "../../src/runtime/docker/images/ensure-images.js";
import { newIdentifier, sessionsOf } from "../docker/support/emulator.js";
import { inEngine, leftAfter30Seconds } from "./support/left.js";
import { OwnEngine } from "./support/own-engine.js";
import { reportOf } from "./support/report.js";
import { SMALLEST_SERVER } from "./support/smallest-server.js";

const POOL = "cramped";
const IMAGE = "dynamic-sessions/relay:latest";
const DISK_BYTES = 2 * 2 ** 30;

let engine: OwnEngine;
let emulator: Emulator;

beforeAll(async () => {
  engine = await OwnEngine.start({ diskBytes: DISK_BYTES });
  const { docker } = await findEngine();
  // The other engine has no network to build it there.
  await ensureImages(docker, [IMAGE], {});
  await engine.copyImage(docker, IMAGE);
  const pool = { name: POOL, containerType: "CustomContainer", image: IMAGE, targetPort: 8080 } as const;
  emulator = await startEmulator({
    port: 0,
    dockerHost: engine.address,
    pools: [
      { ...pool, command: SMALLEST_SERVER, readySessionInstances: 0, ephemeralStorage: "64Mi" },
      { ...pool, name: "roomy", command: SMALLEST_SERVER, readySessionInstances: 0 },
    ],
  });
});
afterAll(async () => {
  await emulator?.close();
  await engine?.remove();
});

const report = reportOf(
  {
    id: "disk",
    title: "A disk is full",
    text: "Custom container pools on an engine with a disk of its own, on which it can limit containers. The emulator is not restarted.",
    columns: ["what is full", "the caller got", "left", "next call"],
  },
  2,
);

async function ask(path: string, identifier: string, pool = POOL): Promise<string> {
  const answer = await fetch(`${emulator.url}/pools/${pool}${path}?identifier=${identifier}`);
  return `${answer.status} ${await answer.text()}`;
}

/** Containers of no session that the emulator knows. */
async function unknown(): Promise<string[]> {
  const known = [...(await sessionsOf(emulator, POOL)), ...(await sessionsOf(emulator, "roomy"))];
  const names = await inEngine(engine.docker, "dse-");
  return names.filter(
    (name) => !name.includes("-spare-") && !known.some(({ container }) => name.includes(container)),
  );
}

it("a session that has filled its own share is told so; its neighbour has all of its own", async () => {
  const [greedy, neighbour] = [newIdentifier(), newIdentifier()];
  const filled = await ask("/fill", greedy);
  expect(filled).toMatch(/^200 (?:.|\n)*(No space left on device|Disk quota exceeded)/);
  expect(await ask("/fill", neighbour, "roomy")).toMatch(/^200 (?:.|\n)*200\+0 records out/);
  expect(await ask("/visits", neighbour, "roomy")).toBe("200 1");
  const { value } = (await (await fetch(`${emulator.url}/_emulator/pools`)).json()) as {
    value: { limits: { ephemeralStorageBytes: number; notInForce: string[] } }[];
  };
  expect(value[0]?.limits).toMatchObject({ ephemeralStorageBytes: 64 * 2 ** 20, notInForce: [] });
  report([
    "a session's `ephemeralStorage`",
    "what the program in the session makes of its failing write",
    "nothing",
    "200, other sessions too",
  ]);
});

it("an engine whose disk is full gives the reason, and serves again when there is room", async () => {
  const filler = `${engine.disk}/filler`;
  // It may stop short: full is what it shall be.
  execFileSync("sh", ["-c", `dd if=/dev/zero of=${filler} bs=1M 2>/dev/null; sync; true`]);
  const identifier = newIdentifier();
  const told = await ask("/visits", identifier);
  expect(told).toMatch(/^500 .*the engine's disk is full \(.*\): docker system df tells what fills it/);
  await rm(filler);
  execFileSync("sync");
  expect(await ask("/visits", identifier)).toBe("200 1");
  const left = await leftAfter30Seconds(unknown);
  expect(left).toBe("nothing");
  report(["the engine's disk", "500, the engine's disk is full", left, "200, when there is room"]);
});
