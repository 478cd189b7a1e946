import { beforeAll, describe, expect, it } from "vitest";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { ensureImages } from "../../../src/runtime/docker/images/ensure-images.js";
import { containersForTests } from "../images/support.js";

const IMAGE = "dynamic-sessions/emulator:latest";
const { docker, address } = await findEngine();
const containers = containersForTests();
const socket = `${address.replace(/^unix:\/\//, "")}:/var/run/docker.sock`;

beforeAll(() => ensureImages(docker, [IMAGE, "dynamic-sessions/relay:latest"]));

/** Runs the image without a volume, on the engine's ordinary network, until it ends. */
async function endOf(words: string[]): Promise<{ exitCode: number; logs: string }> {
  const container = await containers.start(IMAGE, words, {
    host: { NetworkMode: "bridge", Binds: [socket] },
  });
  return { exitCode: await container.exitCode(), logs: await container.logs() };
}

describe("the emulator in a container whose state folder is no volume", () => {
  it.each([
    [
      "--reach socket: the sockets do not reach it",
      ["start", "--reach", "socket"],
      /error: --reach socket: the sockets .* do not reach/,
    ],
    [
      "by itself: the gate is on the loopback of the engine's machine",
      ["start"],
      /error: the gate to the sessions: .*127\.0\.0\.1:\d+/,
    ],
  ])("says what to do: %s", async (_name, words, message) => {
    const { exitCode, logs } = await endOf(words);
    expect(logs).toMatch(message);
    expect(logs).toContain("mount a volume at its state folder (--state-dir)");
    expect(logs).not.toMatch(/^\s+at /m);
    expect(exitCode).toBe(1);
  });
});

it("prints its version, and its help, without an engine", async () => {
  const container = await containers.start(IMAGE, ["--version"]);
  expect(await container.exitCode()).toBe(0);
  expect((await container.logs()).trim()).toMatch(/^\d+\.\d+\.\d+$/);
});
