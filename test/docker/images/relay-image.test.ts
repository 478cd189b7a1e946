import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import http from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type Docker from "dockerode";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { instanceFolder } from "../../../src/runtime/docker/folders.js";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { execInContainer, lastLogLines } from "../../../src/runtime/docker/logs.js";
import { folderReach } from "../../../src/runtime/docker/reach/folder-reach.js";
import { createRelay } from "../../../src/runtime/docker/relay.js";
import { eventually } from "../support/emulator.js";
import { PEER_PROGRAM } from "./relay-peer.js";
import { containersForTests, dockerEngine } from "./support.js";

const RELAY = imageReference("relay");
const WEB = 8081;
const RAW = 8082;
const NOBODY = 8083;

const containers = containersForTests();

let docker: Docker;
beforeAll(async () => {
  docker = await dockerEngine();
  await buildImages(docker, ["relay", "system"]);
}, 900_000);

describe("with a server in its network namespace", () => {
  let folder: string;
  let relay: Docker.Container;
  let peer: Docker.Container | undefined;

  beforeAll(async () => {
    const stateDir = await mkdtemp(path.join(tmpdir(), "dse-relay-"));
    const name = `dse-relay-test-${randomBytes(4).toString("hex")}`;
    folder = instanceFolder(stateDir, name);
    relay = await createRelay(docker, {
      emulatorId: "relay-test",
      pool: "none",
      name,
      image: RELAY,
      reach: folderReach(stateDir, { kind: "folder", path: stateDir }),
      ports: [WEB, RAW, NOBODY],
      network: "none",
    });
    await relay.start();
    peer = await docker.createContainer({
      Image: imageReference("system"),
      Entrypoint: ["node", "-e", PEER_PROGRAM],
      HostConfig: { NetworkMode: `container:${relay.id}` },
    });
    await peer.start();
    const id = peer.id;
    await eventually("the peer is ready", async () => (await lastLogLines(docker, id, 5)).includes("ready"));
  });
  afterAll(async () => {
    await peer?.remove({ force: true });
    await relay?.remove({ force: true });
    await rm(path.dirname(path.dirname(folder)), { recursive: true, force: true });
  });

  const socketPath = (port: number): string => path.join(folder, `${port}.sock`);

  /** One HTTP exchange on a connection of its own. */
  function send(target: string, upload: AsyncIterable<Buffer> | Iterable<Buffer> = []): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = http.request({
        socketPath: socketPath(WEB),
        path: target,
        method: "POST",
        agent: false,
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const answer: Answer = { status: response.statusCode, bytes: 0, start: "" };
        response.on("error", reject);
        response.on("end", () => resolve(answer));
        response.on("data", (chunk: Buffer) => {
          answer.bytes += chunk.length;
          if (answer.start === "") answer.start = chunk.toString("latin1", 0, 100);
        });
      });
      void write(request, upload);
    });
  }

  /** Says everything, stops sending, and returns what comes after that. */
  function halfClosed(bytes: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ path: socketPath(RAW), allowHalfOpen: true });
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("end", () => resolve(text));
      socket.on("error", reject);
      socket.end(Buffer.alloc(bytes));
    });
  }

  it("brings an answer that comes before the upload is over, every time", async () => {
    for (let i = 0; i < 200; i++) {
      const answer = await send("/too-large", [Buffer.alloc(4 * 2 ** 20)]);
      expect(answer).toEqual({ status: 413, bytes: 9, start: "too large" });
    }
  });

  it("lets either side stop sending and still receive, on the other loopback too", async () => {
    expect(await halfClosed(1_000_000)).toBe("hello got 1000000");
  });

  it("carries 300 connections at once", async () => {
    const sizes = Array.from({ length: 300 }, (_, i) => i * 500);
    const answers = await Promise.all(sizes.map((size) => send("/echo", [Buffer.alloc(size)])));
    expect(answers.map(({ bytes }) => bytes)).toEqual(sizes);
    expect(new Set(await Promise.all(sizes.map(halfClosed))).size).toBe(300);
  });

  it("carries 200 MB both ways and stays below 3 MB of memory", async () => {
    const chunk = Buffer.alloc(2 ** 20, "x");
    const answer = await send("/echo", Array<Buffer>(200).fill(chunk));
    expect(answer.bytes).toBe(200 * 2 ** 20);
    const status = await execInContainer(docker, relay.id, ["cat", "/proc/1/status"]);
    expect(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])).toBeLessThan(3 * 1024);
  });

  it("hangs up at once where nobody listens", async () => {
    const socket = net.connect(socketPath(NOBODY));
    const received: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => received.push(chunk));
    await new Promise((resolve) => socket.on("error", resolve).on("close", resolve));
    expect(received).toEqual([]);
  });

  it("hangs up on the server when the client is gone, and keeps no descriptor", async () => {
    const open = async () =>
      (await execInContainer(docker, relay.id, ["ls", "/proc/1/fd"])).trim().split("\n").length;
    const before = await open();
    const request = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc";
    const sockets = await Promise.all(
      Array.from(
        { length: 50 },
        () =>
          new Promise<net.Socket>((resolve, reject) => {
            const socket = net.connect(socketPath(WEB)).on("error", reject);
            // The server answers as soon as it reads the first bytes.
            socket.once("data", () => resolve(socket));
            socket.write(request);
          }),
      ),
    );
    expect(await open()).toBe(before + 100);
    for (const socket of sockets) socket.destroy();
    await eventually("the descriptors are closed", async () => (await open()) === before);
  });

  it("makes sockets that any user of the host may use", async () => {
    expect((await readdir(folder)).sort()).toEqual([`${WEB}.sock`, `${RAW}.sock`, `${NOBODY}.sock`]);
    const modes = await execInContainer(docker, relay.id, ["stat", "-c", "%a", `/run/relay/${WEB}.sock`]);
    expect(modes.trim()).toBe("666");
  });
});

it("replaces the socket of an earlier relay and leaves on SIGTERM", async () => {
  const relay = await containers.start(RELAY, ["/tmp", "8081", "8082"]);
  await eventually("both sockets exist", async () =>
    (await relay.run("ls", "/tmp")).includes("8081.sock\n8082.sock"),
  );
  await relay.stop();
  expect(await relay.exitCode()).toBe(143);
  await relay.startAgain();
  await eventually("it runs again", async () =>
    (await relay.run("cat", "/proc/net/unix")).includes("8082.sock"),
  );
  await relay.stop();
});

it.each([
  [["/tmp"], "usage: relay <folder> <port>..."],
  [["/tmp", "http"], "a port is 1 to 65535"],
  [["/tmp", "70000"], "a port is 1 to 65535"],
])("says what is wrong with %j", async (words, message) => {
  const relay = await containers.start(RELAY, words);
  expect(await relay.exitCode()).toBe(2);
  expect(await relay.logs()).toContain(message);
});

it("says what is wrong with a folder that does not exist", async () => {
  const relay = await containers.start(RELAY, ["/nowhere", "8081"]);
  expect(await relay.exitCode()).toBe(1);
  expect(await relay.logs()).toContain("/nowhere/8081.sock: No such file or directory");
});

interface Answer {
  status: number | undefined;
  bytes: number;
  /** The first characters. */
  start: string;
}

async function write(
  request: http.ClientRequest,
  upload: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  for await (const chunk of upload) {
    if (!request.write(chunk))
      await new Promise((resolve) => request.once("drain", resolve).once("close", resolve));
  }
  request.end();
}
