import { afterAll, beforeAll, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { dockerEngine } from "../images/support.js";
import { eventually } from "../support/emulator.js";

/** The smallest image with the interpreter; the file calls are the same in all. */
const PORT = "6003/tcp";
const docker = await dockerEngine();
let url = "";
let remove = async (): Promise<void> => undefined;

beforeAll(async () => {
  await buildImages(docker, ["shell"]);
  const container = await docker.createContainer({
    Image: imageReference("shell"),
    ExposedPorts: { [PORT]: {} },
    HostConfig: {
      Tmpfs: { "/mnt/data": "size=1m,mode=1777" },
      PortBindings: { [PORT]: [{ HostIp: "127.0.0.1", HostPort: "" }] },
    },
  });
  remove = () => container.remove({ force: true });
  await container.start();
  const ports = (await container.inspect()).NetworkSettings.Ports;
  url = `http://127.0.0.1:${ports[PORT]?.[0]?.HostPort}`;
  await eventually("it answers", () =>
    // The engine's proxy takes connections before anybody listens behind it, and may keep them waiting.
    fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}, 300_000);
afterAll(() => remove());

function upload(name: string, bytes: number): Promise<Response> {
  const body = new FormData();
  body.set("file", new File([new Uint8Array(bytes)], name));
  return fetch(`${url}/files?api-version=2025-10-02-preview`, { method: "POST", body });
}

it("an upload that finds no room says so, and leaves nothing of itself", async () => {
  expect((await upload("small.bin", 100_000)).status).toBe(200);
  const refused = await upload("large.bin", 3_000_000);
  expect(refused.status).toBe(500);
  expect(await refused.text()).toContain(
    "ERR_FILE_ACCESS: No space left in the session (ENOSPC): delete files there",
  );
  const { value } = (await (await fetch(`${url}/files?api-version=2025-10-02-preview`)).json()) as {
    value: { name: string }[];
  };
  expect(value.map(({ name }) => name)).toEqual(["small.bin"]);
  expect((await upload("small.bin", 500_000)).status).toBe(200);
});
