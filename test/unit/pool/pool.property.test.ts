import fc from "fast-check";
import { expect, it } from "vitest";
import type { Lease } from "../../../src/pool/lease.js";
import { Limiter } from "../../../src/pool/limiter.js";
import { Pool } from "../../../src/pool/pool.js";
import { FakeRuntime } from "./fake-runtime.js";
import { ManualClock } from "./manual-clock.js";

const COOLDOWN_MS = 10_000;
const MAXIMUM = 3;
const IDENTIFIERS = ["user-a", "user-b", "user-c", "user-d", "user-e"];

type Step =
  | { do: "acquire" | "stop"; identifier: string }
  | { do: "release" | "exit"; index: number }
  | { do: "advance"; ms: number }
  | { do: "settle" | "reset" | "restart" | "failNext" | "slowNext" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("acquire" as const),
      identifier: fc.constantFrom(...IDENTIFIERS),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const), index: fc.nat(9) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 1, max: 12_000 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("settle" as const, "failNext" as const, "slowNext" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("exit" as const), index: fc.nat(9) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("stop" as const), identifier: fc.constantFrom(...IDENTIFIERS) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("reset" as const, "restart" as const) }) },
);

/** A pool under test together with what must be true of it. */
class World {
  readonly runtime = new FakeRuntime();
  readonly clock = new ManualClock();
  pool = this.newPool();
  readonly leases: { lease: Lease; identifier: string }[] = [];
  /** Which identifier an instance was handed to; for ever. */
  private readonly owners = new Map<string, string>();
  private readonly pending = new Set<Promise<unknown>>();
  private failures = 0;
  private slow = 0;

  constructor() {
    this.runtime.beforeCreate = async (signal) => {
      if (this.slow > 0) {
        this.slow -= 1;
        for (let turn = 0; turn < 3 && !signal.aborted; turn += 1) await turnOver();
      }
      if (signal.aborted) throw signal.reason;
      if (this.failures > 0) {
        this.failures -= 1;
        throw new Error("the image is broken");
      }
    };
    this.pool.start();
  }

  private newPool(): Pool {
    const spec = {
      pool: "demo",
      image: "demo",
      env: {},
      targetPort: 1,
      cpu: 1,
      memoryBytes: 1,
      diskBytes: 1,
      egress: false,
      probes: [],
    };
    return new Pool(
      {
        name: "demo",
        spec,
        maxConcurrentSessions: MAXIMUM,
        readySessionInstances: 2,
        lifecycle: { type: "Timed", cooldownMs: COOLDOWN_MS },
      },
      { runtime: this.runtime, clock: this.clock, limiter: new Limiter(2), onEvent: () => undefined },
    );
  }

  async run(step: Step): Promise<void> {
    switch (step.do) {
      case "acquire":
        this.track(this.acquire(step.identifier));
        break;
      case "release":
        this.leases.splice(step.index % Math.max(1, this.leases.length), 1)[0]?.lease.release();
        break;
      case "advance":
        await this.advance(step.ms);
        break;
      case "settle":
        await settled();
        // A session's place is free before its instance is gone, so only at rest do instances tell something.
        expect(this.runtime.alive.size).toBeLessThanOrEqual(MAXIMUM);
        break;
      case "failNext":
        this.failures += 1;
        break;
      case "slowNext":
        this.slow += 1;
        break;
      case "exit":
        [...this.runtime.alive][step.index]?.exit({ exitCode: 1, oomKilled: false, reason: "it ended" });
        break;
      case "stop":
        this.track(this.pool.stop(step.identifier, "test"));
        break;
      case "reset":
        this.track(this.pool.reset("test"));
        break;
      case "restart":
        await this.restart();
        break;
    }
    this.check();
  }

  private async acquire(identifier: string): Promise<void> {
    const { pool } = this;
    const lease = await pool.acquire(identifier);
    const owner = this.owners.get(lease.instance.id);
    if (owner !== undefined && owner !== identifier)
      throw new Error("an instance went to a second identifier");
    this.owners.set(lease.instance.id, identifier);
    if (pool === this.pool) this.leases.push({ lease, identifier });
    else lease.release();
  }

  /** Time passes; a session that is idle for less than the cooldown must survive it. */
  private async advance(ms: number): Promise<void> {
    await settled();
    const before = this.pool.list();
    const now = this.clock.now();
    await this.clock.advance(ms);
    const after = new Set(this.pool.list().map(({ identifier }) => identifier));
    for (const { identifier, lastAccessedAt, inFlight } of before) {
      const due = lastAccessedAt + COOLDOWN_MS <= now + ms;
      if (inFlight > 0 || !due) expect(after.has(identifier), `${identifier} ended early`).toBe(true);
      else expect(after.has(identifier), `${identifier} outlived its cooldown`).toBe(false);
    }
  }

  private async restart(): Promise<void> {
    await settled();
    const kept = this.pool.list().filter(({ state }) => state === "allocated");
    await this.pool.abandon();
    this.leases.length = 0;
    const pool = this.newPool();
    for (const { instance, record } of await this.runtime.recover()) pool.adopt(instance, record);
    this.pool = pool;
    pool.start();
    const adopted = new Map(pool.list().map((session) => [session.identifier, session]));
    expect([...adopted.keys()].sort()).toEqual(kept.map(({ identifier }) => identifier).sort());
    for (const { identifier, lastAccessedAt, inFlight } of kept) {
      // What a lease in use would have prolonged is lost with the emulator; a second is not written down.
      const lost = lastAccessedAt - (adopted.get(identifier)?.lastAccessedAt ?? 0);
      if (inFlight === 0) expect(lost).toBeLessThan(1_000);
    }
  }

  private check(): void {
    const sessions = this.pool.list();
    expect(sessions.length).toBeLessThanOrEqual(MAXIMUM);
    expect(new Set(sessions.map(({ identifier }) => identifier)).size).toBe(sessions.length);
    const containers = sessions.flatMap(({ container }) => (container ? [container] : []));
    expect(new Set(containers).size).toBe(containers.length);
  }

  private track(work: Promise<unknown>): void {
    const handled = work.catch((error: unknown) => {
      const expected = /maximum|shutting down|broken|ended while|test|no such instance/;
      if (!(error instanceof Error) || !expected.test(error.message)) this.surprises.push(error);
    });
    this.pending.add(handled);
    void handled.finally(() => this.pending.delete(handled));
  }

  readonly surprises: unknown[] = [];

  async end(): Promise<void> {
    await settled();
    await Promise.all(this.pending);
    for (const { lease } of this.leases) lease.release();
    await this.pool.close();
    await settled();
    expect(this.surprises).toEqual([]);
    expect(this.pool.list()).toEqual([]);
    expect([...this.runtime.alive].map(({ name }) => name)).toEqual([]);
  }
}

const turnOver = () => new Promise((resolve) => setImmediate(resolve));

async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await turnOver();
}

it("keeps its promises under any interleaving of requests, failures, time and restarts", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const world = new World();
      for (const each of steps) await world.run(each);
      await world.end();
    }),
    { numRuns: 300 },
  );
});
