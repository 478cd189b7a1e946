import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/index.js";
import { findEngine } from "../../src/runtime/docker/engine.js";
import { ensureImages } from "../../src/runtime/docker/images/ensure-images.js";
import { newIdentifier, sessionsOf } from "../docker/support/emulator.js";
import { inEngine, leftAfter30Seconds } from "./support/left.js";
import { OwnEngine } from "./support/own-engine.js";
import { reportOf } from "./support/report.js";
import { SMALLEST_SERVER } from "./support/smallest-server.js";

const POOL = "shaken";
const IMAGE = "dynamic-sessions/relay:latest";
const MOMENTS = ["during a request", "during an upload", "while idle"] as const;
/** What the emulator needs to look for its containers again. */
const NOTICED_MS = 3_000;

describe("an engine of its own", () => {
  let engine: OwnEngine;
  let emulator: Emulator;

  beforeAll(async () => {
    engine = await OwnEngine.start();
    const { docker } = await findEngine();
    // The other engine has no network to build it there.
    await ensureImages(docker, [IMAGE], {});
    await engine.copyImage(docker, IMAGE);
    const pool = { name: POOL, containerType: "CustomContainer", image: IMAGE, targetPort: 8080 } as const;
    emulator = await startEmulator({
      port: 0,
      dockerHost: engine.address,
      pools: [{ ...pool, command: SMALLEST_SERVER, readySessionInstances: 1 }],
    });
  });
  afterAll(async () => {
    await emulator?.close();
    await engine?.remove();
  });

  const report = reportOf(
    {
      id: "engine",
      title: "The engine ends and is started again",
      text: "A custom container pool on an engine of its own. The emulator is not restarted. The next call comes three seconds after the engine is back.",
      columns: ["the engine is", "when", "the caller got", "left", "next call"],
    },
    2 * MOMENTS.length,
  );

  function url(path: string, identifier: string): string {
    return `${emulator.url}/pools/${POOL}${path}?identifier=${identifier}`;
  }

  async function visit(identifier: string): Promise<string> {
    const answer = await fetch(url("/visits", identifier));
    return `${answer.status} ${await answer.text()}`;
  }

  const cases = (["SIGTERM", "SIGKILL"] as const).flatMap((signal) =>
    MOMENTS.map((when) => [signal, when] as const),
  );
  it.each(cases)("%s %s", async (signal, when) => {
    const identifier = newIdentifier();
    expect(await visit(identifier)).toBe("200 1");
    expect(await visit(identifier)).toBe("200 2");
    const begun = when === "while idle" ? undefined : begin(when, identifier);
    await sleep(1_000);

    await engine.down(signal);
    const refused = await visit(newIdentifier());
    expect(refused).toMatch(/^500 .*the Docker engine does not answer/);
    await engine.up();

    const told = begun ? String(await begun) : "–";
    await sleep(NOTICED_MS);
    const next = await visit(identifier);
    const left = await leftAfter30Seconds(async () => {
      const known = (await sessionsOf(emulator, POOL)).map(({ container }) => container);
      const names = await inEngine(engine.docker, `dse-${POOL}-`);
      const instances = new Set(names.map((name) => name.replace(/^\/|-relay$/g, "")));
      const unknown = [...instances].filter((name) => !known.includes(name));
      // One is kept ready.
      return unknown.length > 1 ? unknown : [];
    });
    expect({ told, next, left }).toEqual({ told: begun ? "502" : "–", next: "200 1", left: "nothing" });
    report([signal === "SIGTERM" ? "stopped" : "killed (`kill -9`)", when, told, left, "200, a new session"]);
  });

  /** Begins a request that cannot end by itself; gives the status of its answer. */
  function begin(when: (typeof MOMENTS)[number], identifier: string): Promise<number | string> {
    const upload = when === "during an upload";
    const request = http.request(url(upload ? "/upload" : "/wait", identifier), {
      method: upload ? "POST" : "GET",
    });
    const status = new Promise<number | string>((resolve) => {
      request.once("response", (answer) => resolve(answer.resume().statusCode ?? 0));
      request.on("error", () => resolve("no answer: the connection was closed"));
    });
    if (upload) request.write("the first half");
    else request.end();
    return status;
  }
});
