import { pino } from "pino";
import supertest from "supertest";
import { describe, expect, it } from "vitest";
import { defaultPools } from "../../../src/config/defaults.js";
import type { PoolConfig } from "../../../src/config/pool-config.js";
import { createApp } from "../../../src/http/app.js";
import { Metrics } from "../../../src/http/metrics.js";
import { TokenAuthority } from "../../../src/http/token-authority.js";
import { AdjustableClock } from "../../../src/pool/clock.js";
import { Limiter } from "../../../src/pool/limiter.js";
import { Pool } from "../../../src/pool/pool.js";
import { FakeRuntime } from "../pool/fake-runtime.js";

const [python] = defaultPools() as [PoolConfig, ...PoolConfig[]];

/** An emulator's request side over instances that never answer: what counts here is who got one. */
async function setUp(readySessionInstances: number) {
  const runtime = new FakeRuntime();
  const clock = new AdjustableClock();
  const config = { ...python, readySessionInstances, maxConcurrentSessions: 3 };
  const spec = {
    pool: config.name,
    image: config.image,
    env: {},
    targetPort: config.targetPort,
    cpu: config.cpu,
    memoryBytes: config.memoryBytes,
    diskBytes: config.ephemeralStorageBytes,
    egress: false,
    probes: [],
  };
  const pool = new Pool(
    {
      name: config.name,
      spec,
      maxConcurrentSessions: config.maxConcurrentSessions,
      readySessionInstances,
      lifecycle: { type: "Timed", cooldownMs: 300_000 },
    },
    { runtime, clock, limiter: new Limiter(2), onEvent: () => undefined },
  );
  pool.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { handler } = createApp({
    version: "0",
    runtime: runtime.kind,
    reason: "test",
    pools: new Map([[config.name, { config, pool }]]),
    clock,
    port: () => 4380,
    logger: pino({ level: "silent" }),
    strict: false,
    checkTokens: false,
    authority: new TokenAuthority(Buffer.from("secret"), () => clock.now()),
    metadata: () => Promise.reject(new Error("not asked for")),
    trustedHosts: [],
    missing: async () => undefined,
    limitsNotInForce: async () => ["ephemeralStorage: not here"],
    certificates: () => Promise.reject(new Error("not asked for")),
    metrics: new Metrics(),
  });
  return supertest(handler);
}

const EXECUTE = "/pools/python/executions?api-version=2025-10-02-preview&identifier=";
const METRICS = "/_emulator/metrics";

/** Value of one line of the exposition. */
function sampleOf(text: string, line: string): number | undefined {
  const found = text.split("\n").find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
}

describe("/_emulator/metrics", () => {
  it("tells which share of new identifiers found an instance ready", async () => {
    const emulator = await setUp(1);
    const before = await emulator.get(METRICS);
    expect(before.headers["content-type"]).toMatch(/^text\/plain; version=/);
    expect(sampleOf(before.text, 'dynamic_sessions_ready_instances{pool="python"}')).toBe(1);
    expect(before.text).not.toContain('warm_hit_ratio{pool="python"}');

    await emulator.get(`/pools/python/files?api-version=2025-10-02-preview&identifier=user-1`);
    const { text } = await emulator.get(METRICS);
    expect(sampleOf(text, 'dynamic_sessions_warm_hit_ratio{pool="python"}')).toBe(1);
    expect(sampleOf(text, 'dynamic_sessions_allocations_total{pool="python",served_by="cold"}')).toBe(0);
    expect(sampleOf(text, 'dynamic_sessions_allocation_duration_seconds_count{pool="python"}')).toBe(1);
  });

  it("counts cold starts, refusals and answers by status", async () => {
    const emulator = await setUp(0);
    for (const user of [1, 2, 3, 4]) await emulator.post(`${EXECUTE}user-${user}`).send({ code: "1" });
    const { text } = await emulator.get(METRICS);
    expect(sampleOf(text, 'dynamic_sessions_warm_hit_ratio{pool="python"}')).toBe(0);
    expect(sampleOf(text, 'dynamic_sessions_allocations_total{pool="python",served_by="cold"}')).toBe(3);
    expect(
      sampleOf(text, 'dynamic_sessions_request_duration_seconds_count{pool="python",status="429"}'),
    ).toBe(1);
    expect(sampleOf(text, 'dynamic_sessions_sessions{pool="python",state="allocated"}')).toBe(3);
    expect(sampleOf(text, "process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  });
});

describe("/_emulator/pools", () => {
  it("names the limits, and those that the runtime does not keep", async () => {
    const emulator = await setUp(0);
    const { body } = await emulator.get("/_emulator/pools");
    expect(body.value[0].limits).toEqual({
      cpu: 1,
      memoryBytes: 2 * 2 ** 30,
      ephemeralStorageBytes: 4 * 2 ** 30,
      notInForce: ["ephemeralStorage: not here"],
    });
  });
});
