import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { problemIn } from "../../../scripts/lib/base-image.mjs";
import { connectionTo, engineAddresses, findEngine, requireEngine } from "../../../scripts/lib/engine.mjs";
import { adviceFor } from "../../../scripts/lib/start-engine.mjs";

describe("an engine's address", () => {
  it("is DOCKER_HOST alone when that is set", () => {
    expect(engineAddresses({ DOCKER_HOST: "tcp://far:2375" })).toEqual(["tcp://far:2375"]);
  });

  it("is the usual socket first when it is not", () => {
    const addresses = engineAddresses({ XDG_RUNTIME_DIR: "/run/user/7" });
    expect(addresses[0]).toBe("unix:///var/run/docker.sock");
    expect(addresses).toContain("unix:///run/user/7/docker.sock");
  });

  it.each([
    ["unix:///a/b.sock", {}, { secure: false, options: { socketPath: "/a/b.sock" } }],
    ["tcp://far:1234", {}, { secure: false, options: { host: "far", port: 1234 } }],
    ["tcp://[::1]", {}, { secure: false, options: { host: "::1", port: 2375 } }],
    ["tcp://far", { DOCKER_TLS_VERIFY: "1" }, { secure: true, options: { host: "far", port: 2376 } }],
    ["ssh://far", {}, undefined],
  ])("%s with %j", (address, environment, connection) => {
    const found = connectionTo(address, { DOCKER_CERT_PATH: "/nowhere", ...environment });
    if (connection === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(connection);
  });
});

describe("whether an engine answers", () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "engine-"));
  });
  afterEach(async () => {
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
    await rm(folder, { recursive: true });
  });

  async function listen(answer: RequestListener): Promise<{ DOCKER_HOST: string }> {
    const socket = join(folder, "engine.sock");
    server = createServer(answer);
    await new Promise<void>((resolve) => server?.listen(socket, resolve));
    return { DOCKER_HOST: `unix://${socket}` };
  }

  it("is asked by GET /_ping", async () => {
    const asked: string[] = [];
    const environment = await listen((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end("OK");
    });
    expect(await findEngine(environment)).toEqual({ address: environment.DOCKER_HOST, tried: [] });
    expect(asked).toEqual(["GET /_ping"]);
  });

  it("is no when something else answers", async () => {
    const environment = await listen((_, response) => response.writeHead(404).end());
    expect(await findEngine(environment)).toEqual({
      tried: [{ address: environment.DOCKER_HOST, problem: "status 404" }],
    });
  });

  it("is no when nobody listens, and the message says what to do", async () => {
    const environment = { DOCKER_HOST: `unix://${join(folder, "none.sock")}` };
    await expect(requireEngine(environment)).rejects.toThrow(/none\.sock \(ENOENT\)[\s\S]*npm run engine/);
  });

  it("is no for an address of a kind that cannot be asked", async () => {
    const { tried } = await findEngine({ DOCKER_HOST: "ssh://far" });
    expect(tried[0]?.problem).toContain("cannot be asked");
  });
});

describe("the advice without an engine", () => {
  const here = "unix:///var/run/docker.sock";
  const debianRoot = { platform: "linux", root: true, debianLike: true };
  const gone = [{ address: here, problem: "ENOENT" }];

  it("is none where the script can start one", () => {
    expect(adviceFor({ ...debianRoot, tried: gone })).toBeUndefined();
    expect(adviceFor({ ...debianRoot, tried: [{ address: here, problem: "ECONNREFUSED" }] })).toBeUndefined();
  });

  it.each([
    [
      "another DOCKER_HOST",
      { ...debianRoot, tried: [{ address: "tcp://far:1", problem: "ECONNREFUSED" }] },
      /DOCKER_HOST is tcp:\/\/far:1/,
    ],
    ["a Mac", { ...debianRoot, platform: "darwin", tried: gone }, /colima start/],
    [
      "no right to the socket",
      { ...debianRoot, root: false, tried: [{ address: here, problem: "EACCES" }] },
      /usermod -aG docker/,
    ],
    [
      "no root",
      { ...debianRoot, root: false, tried: gone },
      /sudo systemctl start docker[\s\S]*sudo npm run engine/,
    ],
    ["another Linux", { ...debianRoot, debianLike: false, tried: gone }, /docs\.docker\.com/],
  ])("for %s", (_, situation, advice) => {
    expect(adviceFor(situation)).toMatch(advice);
  });
});

describe("the engine's answer to a pull", () => {
  it.each([
    ["a finished pull", 200, '{"status":"Pulling"}\n{"status":"Done"}\n', undefined],
    [
      "a pull that fails on the way",
      200,
      '{"status":"Pulling"}\n{"errorDetail":{},"error":"no route"}\n',
      "no route",
    ],
    ["a refusal", 404, '{"message":"manifest unknown"}', "manifest unknown"],
    ["a refusal without words", 500, "", "status 500"],
  ])("%s", (_, status, body, problem) => {
    expect(problemIn({ status, body })).toBe(problem);
  });
});
