import { describe, expect, it } from "vitest";
import { PoolClosedError, PoolFullError } from "../../../src/pool/errors.js";
import { type Lifecycle, Pool, type PoolEvent } from "../../../src/pool/pool.js";
import { RuntimeError } from "../../../src/runtime/runtime.js";
import { FakeRuntime } from "./fake-runtime.js";
import { ManualClock } from "./manual-clock.js";

const COOLDOWN_MS = 300_000;

function setUp(options: { max?: number; lifecycle?: Lifecycle } = {}) {
  const runtime = new FakeRuntime();
  const clock = new ManualClock();
  const events: PoolEvent[] = [];
  const pool = new Pool(
    {
      name: "demo",
      spec: {
        pool: "demo",
        image: "demo:latest",
        env: {},
        targetPort: 6000,
        cpu: 1,
        memoryBytes: 2 ** 30,
        egress: false,
        probes: [],
      },
      maxConcurrentSessions: options.max ?? 10,
      lifecycle: options.lifecycle ?? { type: "Timed", cooldownMs: COOLDOWN_MS },
    },
    runtime,
    clock,
    (event) => events.push(event),
  );
  return { runtime, clock, pool, events };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe("allocation", () => {
  it("gives fifty requests that arrive together one instance", async () => {
    const { pool, runtime } = setUp();
    const leases = await Promise.all(Array.from({ length: 50 }, () => pool.acquire("user-1")));
    expect(runtime.created).toBe(1);
    expect(new Set(leases.map((lease) => lease.instance.id)).size).toBe(1);
    expect(leases.filter((lease) => lease.isNew)).toHaveLength(1);
  });

  it("gives two identifiers two instances", async () => {
    const { pool } = setUp();
    const [a, b] = [await pool.acquire("user-a"), await pool.acquire("user-b")];
    expect(a.instance.id).not.toBe(b.instance.id);
  });

  it("frees the identifier when the instance cannot be started", async () => {
    const { pool, runtime } = setUp({ max: 1 });
    runtime.beforeCreate = async () => {
      throw new RuntimeError("start-failed", "no");
    };
    await expect(pool.acquire("user-1")).rejects.toThrow(RuntimeError);
    expect(pool.list()).toEqual([]);
    runtime.beforeCreate = async () => undefined;
    await expect(pool.acquire("user-1")).resolves.toBeDefined();
  });
});

describe("the maximum", () => {
  it("refuses a new identifier and goes on serving the known ones", async () => {
    const { pool } = setUp({ max: 2 });
    await pool.acquire("user-a");
    await pool.acquire("user-b");
    await expect(pool.acquire("user-c")).rejects.toThrow(PoolFullError);
    await expect(pool.acquire("user-a")).resolves.toBeDefined();
  });

  it("counts sessions that are still starting", async () => {
    const { pool, runtime } = setUp({ max: 1 });
    runtime.beforeCreate = () => new Promise(() => undefined);
    void pool.acquire("user-a");
    await expect(pool.acquire("user-b")).rejects.toThrow(PoolFullError);
  });

  it("has a place again as soon as a session is stopped", async () => {
    const { pool } = setUp({ max: 1 });
    await pool.acquire("user-a");
    const stopped = pool.stop("user-a", "test");
    await expect(pool.acquire("user-b")).resolves.toBeDefined();
    expect(await stopped).toBe(true);
  });
});

describe("the cooldown", () => {
  it("destroys an idle session when it is over, not before", async () => {
    const { pool, runtime, clock } = setUp();
    (await pool.acquire("user-1")).release();
    await clock.advance(COOLDOWN_MS - 1);
    expect(runtime.alive.size).toBe(1);
    await clock.advance(1);
    expect(runtime.alive.size).toBe(0);
    expect(pool.peek("user-1")).toBeUndefined();
  });

  it("starts when the last request finishes", async () => {
    const { pool, runtime, clock } = setUp();
    const long = await pool.acquire("user-1");
    (await pool.acquire("user-1")).release();
    await clock.advance(COOLDOWN_MS * 3);
    expect(runtime.alive.size).toBe(1);
    long.release();
    expect(pool.peek("user-1")?.expiresAt).toBe(clock.now() + COOLDOWN_MS);
    await clock.advance(COOLDOWN_MS);
    expect(runtime.alive.size).toBe(0);
  });

  it("is not prolonged by looking", async () => {
    const { pool, clock } = setUp();
    (await pool.acquire("user-1")).release();
    await clock.advance(COOLDOWN_MS - 1);
    expect(pool.peek("user-1")).toBeDefined();
    expect(pool.list()).toHaveLength(1);
    await clock.advance(1);
    expect(pool.list()).toEqual([]);
  });

  it("counts a lease once however often it is released", async () => {
    const { pool, runtime, clock } = setUp();
    const [first, second] = [await pool.acquire("user-1"), await pool.acquire("user-1")];
    first.release();
    first.release();
    await clock.advance(COOLDOWN_MS);
    expect(runtime.alive.size).toBe(1);
    second.release();
    await clock.advance(COOLDOWN_MS);
    expect(runtime.alive.size).toBe(0);
  });

  it("leaves a new instance to the next request", async () => {
    const { pool, clock } = setUp();
    const before = await pool.acquire("user-1");
    before.release();
    await clock.advance(COOLDOWN_MS);
    const after = await pool.acquire("user-1");
    expect(after.instance.id).not.toBe(before.instance.id);
    expect(after.isNew).toBe(true);
  });
});

describe("OnContainerExit", () => {
  it("ends after the longest life even when it is used", async () => {
    const { pool, runtime, clock } = setUp({ lifecycle: { type: "OnContainerExit", maxAliveMs: 60_000 } });
    const lease = await pool.acquire("user-1");
    await clock.advance(59_999);
    expect(runtime.alive.size).toBe(1);
    await clock.advance(1);
    expect(runtime.alive.size).toBe(0);
    lease.release();
  });
});

describe("the end of a session", () => {
  it("follows a container that exits", async () => {
    const { pool, runtime, events } = setUp();
    (await pool.acquire("user-1")).release();
    for (const instance of runtime.alive) instance.exit({ exitCode: 137, oomKilled: true });
    await tick();
    expect(pool.peek("user-1")).toBeUndefined();
    expect(runtime.alive.size).toBe(0);
    expect(JSON.stringify(events)).toContain("out of memory");
  });

  it("ends a creation that is under way", async () => {
    const { pool, runtime } = setUp();
    runtime.beforeCreate = (signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    const waiting = pool.acquire("user-1");
    await tick();
    const stopped = pool.stop("user-1", "test");
    await expect(waiting).rejects.toThrow("test");
    expect(await stopped).toBe(true);
    expect(pool.list()).toEqual([]);
    expect(runtime.alive.size).toBe(0);
  });

  it("says whether there was a session to stop", async () => {
    const { pool } = setUp();
    expect(await pool.stop("nobody", "test")).toBe(false);
  });

  it("is told in every step to the log", async () => {
    const { pool, events } = setUp();
    (await pool.acquire("user-1")).release();
    await pool.stop("user-1", "test");
    const steps = events.map((event) =>
      event.type === "transition" ? `${event.from}>${event.to}` : event.type,
    );
    expect(steps).toEqual(["warming>allocated", "allocated>stopping", "stopping>gone"]);
  });

  it("comes to all at shutdown, also to those that are starting", async () => {
    const { pool, runtime } = setUp();
    await pool.acquire("user-a");
    let proceed: () => void = () => undefined;
    runtime.beforeCreate = () =>
      new Promise((resolve) => {
        proceed = resolve;
      });
    const starting = pool.acquire("user-b");
    await tick();
    const closed = pool.close();
    proceed();
    await expect(starting).rejects.toThrow("ended while it was starting");
    await closed;
    expect(runtime.alive.size).toBe(0);
    await expect(pool.acquire("user-c")).rejects.toThrow(PoolClosedError);
  });
});
