import http from "node:http";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import {
  advance,
  emulatorForTests,
  eventually,
  newIdentifier,
  sessionsOf,
  webPool,
} from "./support/emulator.js";

const emulator = emulatorForTests({
  pools: [
    webPool("web", { maxConcurrentSessions: 10 }),
    webPool("small", { maxConcurrentSessions: 1 }),
    webPool("open", { forwardAuthorization: true }),
  ],
});

function url(path: string, identifier: string, pool = "web"): string {
  return `${emulator.url}/pools/${pool}${path}${path.includes("?") ? "&" : "?"}identifier=${identifier}`;
}

/** What the `/echo` route of the fixture saw. */
interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

async function text(path: string, identifier: string, pool = "web"): Promise<string> {
  return (await fetch(url(path, identifier, pool))).text();
}

describe("sessions", () => {
  it("isolates two identifiers and keeps the state of each", async () => {
    const [a, b] = [newIdentifier(), newIdentifier()];
    expect(await text("/visits", a)).toBe("1");
    expect(await text("/visits", a)).toBe("2");
    expect(await text("/visits", b)).toBe("1");
    const containers = (await sessionsOf(emulator, "web")).filter(({ identifier }) =>
      [a, b].includes(identifier),
    );
    expect(new Set(containers.map(({ container }) => container)).size).toBe(2);
  });

  it("makes one container for fifty first requests that arrive together", async () => {
    const identifier = newIdentifier();
    const answers = await Promise.all(Array.from({ length: 50 }, () => text("/visits", identifier)));
    expect(answers.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  it("refuses a new identifier with 429 when the pool is full, and serves the known one", async () => {
    const [held, refused] = [newIdentifier(), newIdentifier()];
    expect(await text("/visits", held, "small")).toBe("1");
    const answer = await fetch(url("/visits", refused, "small"));
    expect(answer.status).toBe(429);
    expect(await answer.text()).toBe(
      `Error happened when allocating pod for identifier ${refused} in pool small`,
    );
    expect(answer.headers.get("x-emulator-hint")).toContain("maxConcurrentSessions");
    expect(await text("/visits", held, "small")).toBe("2");
  });

  it("destroys an idle session after the cooldown; the identifier starts fresh", async () => {
    const identifier = newIdentifier();
    expect(await text("/visits", identifier)).toBe("1");
    expect(await text("/visits", identifier)).toBe("2");
    await advance(emulator, 301);
    await eventually("the session is gone", async () => (await sessionsOf(emulator, "web")).length === 0);
    expect(await text("/visits", identifier)).toBe("1");
  });

  it("frees the identifier when its container exits", async () => {
    const identifier = newIdentifier();
    expect(await text("/visits", identifier)).toBe("1");
    const lost = await fetch(url("/exit", identifier));
    expect(lost.status).toBe(502);
    expect(await lost.text()).toContain(`session ${identifier} in pool web`);
    await eventually("the session is gone", async () =>
      (await sessionsOf(emulator, "web")).every((session) => session.identifier !== identifier),
    );
    expect(await text("/visits", identifier)).toBe("1");
  });

  it("refuses a request without an identifier", async () => {
    const answer = await fetch(`${emulator.url}/pools/web/visits`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { code: "SessionRequestValidationFailed", target: "identifier" },
    });
  });
});

describe("forwarding", () => {
  const identifier = newIdentifier();

  it("keeps method, path, query, headers, body and status", async () => {
    const answer = await fetch(url("/echo?x=%20y&x=2", identifier), {
      method: "PUT",
      headers: { "X-Mine": "kept", Authorization: "Bearer secret" },
      body: "grüße",
    });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-custom")).toBe("kept");
    const seen = (await answer.json()) as Seen;
    expect(seen).toMatchObject({
      method: "PUT",
      url: `/echo?x=%20y&x=2&identifier=${identifier}`,
      body: "grüße",
    });
    expect(seen.headers["x-mine"]).toBe("kept");
    expect(seen.headers.authorization).toBeUndefined();
  });

  it("passes Authorization on only where the pool says so", async () => {
    const answer = await fetch(url("/echo", newIdentifier(), "open"), {
      headers: { Authorization: "Bearer secret" },
    });
    expect(((await answer.json()) as Seen).headers.authorization).toBe("Bearer secret");
  });

  it.each([
    ["by host name", "/echo?identifier=", "web.localhost"],
    ["by the alias", "/pools/web/echo?identifier=", undefined],
    [
      "by the ARM-like path in any letter case",
      "/Subscriptions/s/resourcegroups/g/sessionPools/web/echo?identifier=",
      undefined,
    ],
  ])("is reached %s", async (_name, path, host) => {
    const { port } = new URL(emulator.url);
    const seen = await new Promise<string>((resolve, reject) => {
      const headers = host ? { Host: `${host}:${port}` } : {};
      http
        .get({ host: "127.0.0.1", port, path: path + identifier, headers }, (response) => {
          let body = "";
          response.on("data", (chunk) => {
            body += chunk;
          });
          response.on("end", () => resolve(body));
        })
        .on("error", reject);
    });
    expect(JSON.parse(seen).url).toBe(`/echo?identifier=${identifier}`);
  });

  it("streams 200 MB each way in flat memory", async () => {
    const size = 200 * 2 ** 20;
    global.gc?.();
    const before = process.memoryUsage().rss;
    let most = before;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss);
    }, 20);
    const piece = new Uint8Array(64 * 1024);
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (sent >= size) controller.close();
        else controller.enqueue(piece);
        sent += piece.length;
      },
    });
    const request = { method: "POST", body, duplex: "half" } as RequestInit;
    const uploaded = await fetch(url("/sink", identifier), request);
    expect(await uploaded.text()).toBe(String(size));
    const downloaded = await fetch(url(`/source?bytes=${size}`, identifier));
    let received = 0;
    for await (const chunk of downloaded.body ?? []) received += chunk.length;
    clearInterval(watch);
    expect(received).toBe(size);
    expect((most - before) / size).toBeLessThan(0.75);
  });

  it("delivers server-sent events one by one", async () => {
    const answer = await fetch(url("/events", identifier));
    const reader = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    for (const event of [1, 2, 3]) {
      expect((await reader.read()).value).toBe(`data: ${event}\n\n`);
      await fetch(url("/next", identifier));
    }
    expect((await reader.read()).done).toBe(true);
  });

  it("tunnels a WebSocket both ways", async () => {
    const socket = new WebSocket(url("/socket", identifier).replace("http:", "ws:"));
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const echoed = new Promise((resolve) => socket.once("message", (data) => resolve(String(data))));
    socket.send("ping");
    expect(await echoed).toBe("ping");
    await advance(emulator, 3600);
    const again = new Promise((resolve) => socket.once("message", (data) => resolve(String(data))));
    socket.send("still here after the cooldown");
    expect(await again).toBe("still here after the cooldown");
    const closed = new Promise((resolve) => socket.once("close", (code) => resolve(code)));
    socket.close(4001);
    expect(await closed).toBe(4001);
  });
});
