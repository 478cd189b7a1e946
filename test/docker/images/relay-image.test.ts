import { beforeAll, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { eventually } from "../support/emulator.js";
import { containersForTests, dockerEngine } from "./support.js";

const containers = containersForTests();

const RELAY = imageReference("relay");

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["relay"]);
}, 900_000);

it("forwards one socket to each port and leaves on SIGTERM", async () => {
  const relay = await containers.start(RELAY, ["/tmp", "8081", "8082"]);
  await eventually("both sockets exist", async () =>
    (await relay.run("sh", "-c", "ls /tmp")).includes("8081.sock\n8082.sock"),
  );
  for (const port of ["8081", "8082"]) {
    const answer = await relay.run(
      "sh",
      "-c",
      `socat TCP-LISTEN:${port} SYSTEM:'echo answer of ${port}' & sleep 0.3; socat -t 5 UNIX-CONNECT:/tmp/${port}.sock -`,
    );
    expect(answer).toContain(`answer of ${port}`);
  }
  await relay.stop();
  expect(await relay.exitCode()).toBe(143);
});

it("says how it is used when a word is missing", async () => {
  const relay = await containers.start(RELAY, ["/tmp"]);
  expect(await relay.exitCode()).toBe(2);
  expect(await relay.logs()).toContain("usage: relay <folder> <port>...");
});
