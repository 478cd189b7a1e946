import http from "node:http";
import net from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { socketEndpoint } from "../../../src/runtime/endpoint.js";
import { awaitReady, type StartingInstance } from "../../../src/runtime/readiness/await-ready.js";
import type { InstanceExit, InstanceSpec, Probe } from "../../../src/runtime/runtime.js";

const servers: net.Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Listens on a free loopback port. */
async function listen(server: net.Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as net.AddressInfo).port;
}

function answering(...statuses: number[]): http.Server {
  return http.createServer((_req, res) => {
    res.statusCode = statuses.length > 1 ? (statuses.shift() ?? 500) : (statuses[0] ?? 500);
    res.end();
  });
}

function starting(
  port: number,
  options: { probes?: Probe[]; exited?: Promise<InstanceExit> } = {},
): StartingInstance {
  const spec: InstanceSpec = {
    pool: "demo",
    image: "demo:dev",
    env: {},
    targetPort: port,
    cpu: 1,
    memoryBytes: 2 ** 30,
    diskBytes: 2 ** 30,
    egress: false,
    probes: options.probes ?? [],
  };
  return {
    spec,
    exited: options.exited ?? new Promise(() => undefined),
    endpoint: (inside) => socketEndpoint({ host: "127.0.0.1", port: inside }),
    listening: async () => [4321],
    logs: async () => "line one\nline two",
  };
}

function probe(type: Probe["type"], rest: Partial<Probe>): Probe {
  return {
    type,
    initialDelaySeconds: 0,
    periodSeconds: 0.01,
    timeoutSeconds: 1,
    failureThreshold: 3,
    successThreshold: 1,
    ...rest,
  };
}

const limits = (startupTimeoutMs = 20_000) => ({ startupTimeoutMs, signal: new AbortController().signal });

describe("without probes", () => {
  it("waits while /health answers 5xx", async () => {
    const port = await listen(answering(500, 503, 200));
    await expect(awaitReady(starting(port), limits())).resolves.toBeUndefined();
  });

  it("is content with an image that has no /health", async () => {
    const port = await listen(answering(404));
    await expect(awaitReady(starting(port), limits())).resolves.toBeUndefined();
  });

  it("is content with a server that does not speak HTTP", async () => {
    const port = await listen(net.createServer((socket) => socket.end("220 hello\r\n")));
    await expect(awaitReady(starting(port), limits())).resolves.toBeUndefined();
  });

  it("names the port that listens instead", async () => {
    const unused = await listen(net.createServer());
    servers.pop()?.close();
    await expect(awaitReady(starting(unused), limits(100))).rejects.toMatchObject({
      failure: "not-listening",
      message: expect.stringMatching(/listens on 4321; set targetPort/),
      details: "line one\nline two",
    });
  });

  it("tells what /health answered when it never became ready", async () => {
    const port = await listen(answering(500));
    await expect(awaitReady(starting(port), limits(100))).rejects.toMatchObject({
      failure: "unhealthy",
      message: expect.stringContaining("GET /health on port"),
    });
  });
});

describe("with probes", () => {
  it("gives up after the failureThreshold of the Startup probe", async () => {
    const port = await listen(answering(500, 500, 500, 200));
    const httpGet = { path: "/up", port, scheme: "HTTP" as const, httpHeaders: [] };
    const spec = { probes: [probe("Startup", { httpGet, failureThreshold: 3 })] };
    await expect(awaitReady(starting(port, spec), limits())).rejects.toMatchObject({
      failure: "unhealthy",
      message: expect.stringContaining("Startup probe GET /up"),
    });
  });

  it("sends the headers of httpGet and takes 404 for a failure", async () => {
    const seen: (string | undefined)[] = [];
    const server = http.createServer((req, res) => {
      seen.push(req.headers["custom-header"] as string | undefined);
      res.statusCode = seen.length === 1 ? 404 : 204;
      res.end();
    });
    const port = await listen(server);
    const httpHeaders = [{ name: "Custom-Header", value: "yes" }];
    const httpGet = { path: "/up", port, scheme: "HTTP" as const, httpHeaders };
    await awaitReady(starting(port, { probes: [probe("Liveness", { httpGet })] }), limits());
    expect(seen).toEqual(["yes", "yes"]);
  });

  it("takes an open port for success, and one that closes at once for a failure", async () => {
    let connections = 0;
    const server = net.createServer((socket) => {
      connections += 1;
      if (connections < 3) socket.destroy();
    });
    const port = await listen(server);
    const probes = [probe("Startup", { tcpSocket: { port }, failureThreshold: 10 })];
    await awaitReady(starting(port, { probes }), limits());
    expect(connections).toBe(3);
  });
});

it("ends at once when the container exits, with its last lines", async () => {
  const port = await listen(answering(500));
  const exited = Promise.resolve({ exitCode: 3, oomKilled: false, reason: "it exited" });
  await expect(awaitReady(starting(port, { exited }), limits())).rejects.toMatchObject({
    failure: "exited-at-start",
    message: expect.stringContaining("exited with code 3"),
    details: "line one\nline two",
  });
});

it("ends at once when it is aborted", async () => {
  const port = await listen(answering(500));
  const abort = new AbortController();
  const waiting = awaitReady(starting(port), { startupTimeoutMs: 20_000, signal: abort.signal });
  abort.abort(new Error("the session was stopped"));
  await expect(waiting).rejects.toMatchObject({ failure: "aborted" });
});
