import { describe, expect, it } from "vitest";
import { PoolClosedError, PoolFullError } from "../../../src/pool/errors.js";
import { Limiter } from "../../../src/pool/limiter.js";
import { Pool } from "../../../src/pool/pool.js";
import type { Lifecycle, PoolEvent } from "../../../src/pool/settings.js";
import { RuntimeError } from "../../../src/runtime/runtime.js";
import { FakeRuntime } from "./fake-runtime.js";
import { ManualClock } from "./manual-clock.js";

const COOLDOWN_MS = 300_000;

function setUp(options: { max?: number; ready?: number; lifecycle?: Lifecycle } = {}) {
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
        diskBytes: 2 ** 30,
        egress: false,
        probes: [],
      },
      maxConcurrentSessions: options.max ?? 10,
      readySessionInstances: options.ready ?? 0,
      lifecycle: options.lifecycle ?? { type: "Timed", cooldownMs: COOLDOWN_MS },
    },
    { runtime, clock, limiter: new Limiter(2), onEvent: (event) => events.push(event) },
  );
  return { runtime, clock, pool, events };
}

const tick = () => new Promise((resolve) => setImmediate(resolve));

/** Lets everything that needs no clock come to its end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await tick();
}

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
    for (const instance of runtime.alive)
      instance.exit({ exitCode: 137, oomKilled: true, reason: "out of memory" });
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

describe("the warm set", () => {
  it("is filled and paused before anybody asks", async () => {
    const { pool, runtime } = setUp({ ready: 3 });
    pool.start();
    await settled();
    expect(pool.ready).toBe(3);
    expect(runtime.paused.size).toBe(3);
  });

  it("serves new identifiers without creating, and is filled again after the request", async () => {
    const { pool, runtime } = setUp({ ready: 2 });
    pool.start();
    await settled();
    const lease = await pool.acquire("user-1");
    expect(runtime.created).toBe(2);
    expect(runtime.paused.has(lease.instance)).toBe(false);
    expect(pool.counts).toMatchObject({ warm: 1, cold: 0 });
    lease.release();
    await settled();
    expect(runtime.created).toBe(3);
    expect(pool.ready).toBe(2);
  });

  it("never holds more instances than the pool may have sessions", async () => {
    const { pool, runtime } = setUp({ ready: 3, max: 3 });
    pool.start();
    await settled();
    for (const identifier of ["user-a", "user-b", "user-c"]) (await pool.acquire(identifier)).release();
    await settled();
    expect(runtime.mostAlive).toBe(3);
    expect(pool.ready).toBe(0);
  });

  it("gives an instance that is on its way to whoever asks first", async () => {
    const { pool, runtime } = setUp({ ready: 1 });
    let proceed: () => void = () => undefined;
    runtime.beforeCreate = () =>
      new Promise((resolve) => {
        proceed = resolve;
      });
    pool.start();
    await settled();
    const waiting = pool.acquire("user-1");
    await settled();
    expect(runtime.created).toBe(1);
    runtime.beforeCreate = async () => undefined;
    proceed();
    const lease = await waiting;
    expect(runtime.paused.has(lease.instance)).toBe(false);
    expect(pool.counts).toMatchObject({ warming: 1, cold: 0 });
  });

  it("replaces an instance that ends while it waits, and never hands it out", async () => {
    const { pool, runtime, clock } = setUp({ ready: 1 });
    pool.start();
    await settled();
    const [lost] = [...runtime.alive];
    lost?.exit({ exitCode: 1, oomKilled: false, reason: "it ended" });
    await settled();
    expect(pool.ready).toBe(0);
    await clock.advance(1_000);
    await settled();
    expect(pool.ready).toBe(1);
    expect((await pool.acquire("user-1")).instance.id).not.toBe(lost?.id);
  });

  it("keeps an instance that cannot be paused as it is", async () => {
    const { pool, runtime } = setUp({ ready: 1 });
    runtime.pause = async () => {
      throw new Error("unable to freeze");
    };
    pool.start();
    await settled();
    expect(pool.ready).toBe(1);
    await pool.acquire("user-1");
    expect(pool.counts).toMatchObject({ warm: 1, cold: 0 });
  });

  it("starts one from scratch when a ready one cannot be woken", async () => {
    const { pool, runtime } = setUp({ ready: 1 });
    pool.start();
    await settled();
    runtime.alive.clear();
    const lease = await pool.acquire("user-1");
    expect(runtime.alive.has(lease.instance as never)).toBe(true);
    expect(pool.counts).toMatchObject({ warm: 0, cold: 1 });
  });

  it("tries again later and later when the image fails, and tells why", async () => {
    const { pool, runtime, clock } = setUp({ ready: 1 });
    runtime.beforeCreate = async () => {
      throw new RuntimeError("exited-at-start", "exited with code 1");
    };
    pool.start();
    await settled();
    expect(runtime.created).toBe(1);
    expect(pool.warmError).toMatchObject({ message: "exited with code 1" });
    await clock.advance(1_000);
    await settled();
    expect(runtime.created).toBe(2);
    await clock.advance(1_999);
    await settled();
    expect(runtime.created).toBe(2);
    await clock.advance(1);
    await settled();
    expect(runtime.created).toBe(3);
  });

  it("waits with its work while a request waits for an instance", async () => {
    const { pool, runtime } = setUp({ ready: 2 });
    let proceed: () => void = () => undefined;
    runtime.beforeCreate = () =>
      new Promise((resolve) => {
        proceed = resolve;
      });
    const waiting = pool.acquire("user-1");
    pool.start();
    await settled();
    expect(runtime.created).toBe(1);
    runtime.beforeCreate = async () => undefined;
    proceed();
    await waiting;
    await settled();
    expect(runtime.created).toBe(3);
  });

  it("is gone after close, and there again after reset", async () => {
    const { pool, runtime } = setUp({ ready: 2 });
    pool.start();
    await settled();
    await pool.reset("test");
    await settled();
    expect(pool.ready).toBe(2);
    expect(runtime.created).toBe(4);
    await pool.close();
    await settled();
    expect(runtime.alive.size).toBe(0);
  });
});

describe("a restart", () => {
  it("adopts a session with its identifier and its remaining time", async () => {
    const before = setUp();
    (await before.pool.acquire("user-1")).release();
    await before.pool.abandon();
    expect(before.runtime.alive.size).toBe(1);

    const after = setUp();
    await after.clock.advance(COOLDOWN_MS - 1_000);
    for (const { instance, record } of await before.runtime.recover()) {
      expect(after.pool.adopt(instance, record)).toBe(true);
    }
    const [session] = after.pool.list();
    expect(session).toMatchObject({ identifier: "user-1", state: "allocated" });
    await after.clock.advance(999);
    expect(after.pool.list()).toHaveLength(1);
    await after.clock.advance(1);
    expect(after.pool.list()).toEqual([]);
  });

  it("hands over the last access, however shortly after the start it was", async () => {
    const { pool, runtime, clock } = setUp();
    runtime.beforeCreate = async () => {
      await tick();
      await clock.advance(3_000);
    };
    (await pool.acquire("user-1")).release();
    await pool.abandon();
    const [recovered] = await runtime.recover();
    expect(recovered?.record.lastAccessedAt).toBe(clock.now());
  });

  it("has the last access written down soon, for an emulator that gets no time to do it at its end", async () => {
    const { pool, runtime, clock } = setUp();
    (await pool.acquire("user-1")).release();
    await clock.advance(400);
    (await pool.acquire("user-1")).release();
    const lastAccessedAt = clock.now();
    await clock.advance(1_000);
    expect([...runtime.records.values()]).toMatchObject([{ identifier: "user-1", lastAccessedAt }]);
  });

  it("leaves warm instances to nobody", async () => {
    const { pool, runtime } = setUp({ ready: 2 });
    pool.start();
    await settled();
    await pool.abandon();
    expect(runtime.alive.size).toBe(0);
  });
});
