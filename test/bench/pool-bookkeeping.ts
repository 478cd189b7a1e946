import { AdjustableClock } from "../../src/pool/clock.js";
import { Limiter } from "../../src/pool/limiter.js";
import { Pool } from "../../src/pool/pool.js";
import { socketEndpoint } from "../../src/runtime/endpoint.js";
import type { SessionRuntime } from "../../src/runtime/runtime.js";
import { ratioAtMost } from "./support/goals.js";
import type { BenchContext, Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const FEW = 10;
const MANY = 1_000;
/** Acquires in one sample: a single one is shorter than the clock is exact. */
const BATCH = 50;

/** What the pool itself costs, with a runtime that does nothing: it must not grow with the number of sessions. */
export const poolBookkeeping: Row = {
  name: "pool-bookkeeping",
  async measure(context) {
    const few = await poolWith(FEW, context);
    const many = await poolWith(MANY, context);
    const rounds = { rounds: 300, warmUp: 100 };
    const known = await interleave({
      ...rounds,
      floor: () => perAcquire(few, (index) => `known-${index % FEW}`),
      measured: () => perAcquire(many, (index) => `known-${(index * 17) % MANY}`),
    });
    const fresh = await interleave({
      ...rounds,
      floor: () => perNewIdentifier(few),
      measured: () => perNewIdentifier(many),
    });
    return [
      {
        what: `acquire and release of a known identifier, ${MANY} sessions`,
        unit: "µs",
        samples: known.measuredSamples,
        floor: { what: `the same with ${FEW} sessions`, samples: known.floorSamples },
        goals: [ratioAtMost(1.5)],
      },
      {
        what: `acquire, release and stop of a new identifier, ${MANY} sessions`,
        unit: "µs",
        samples: fresh.measuredSamples,
        floor: { what: `the same with ${FEW} sessions`, samples: fresh.floorSamples },
        goals: [ratioAtMost(1.5)],
      },
    ];
  },
};

/** A pool with so many sessions; `known-0` is the first. */
async function poolWith(sessions: number, context: BenchContext): Promise<Pool> {
  const pool = new Pool(
    {
      name: "books",
      spec: {
        pool: "books",
        image: "none",
        env: {},
        targetPort: 1,
        cpu: 1,
        memoryBytes: 1,
        diskBytes: 1,
        egress: false,
        probes: [],
      },
      maxConcurrentSessions: MANY + BATCH,
      readySessionInstances: 0,
      lifecycle: { type: "Timed", cooldownMs: 300_000 },
    },
    {
      runtime: idleRuntime(),
      clock: new AdjustableClock(),
      limiter: new Limiter(2),
      onEvent: () => undefined,
    },
  );
  context.onEnd(() => pool.close());
  for (let index = 0; index < sessions; index += 1) (await pool.acquire(`known-${index}`)).release();
  return pool;
}

/** Microseconds for one acquire and release. */
async function perAcquire(pool: Pool, identifier: (index: number) => string): Promise<number> {
  const ms = await timed(async () => {
    for (let index = 0; index < BATCH; index += 1) (await pool.acquire(identifier(index))).release();
  });
  return (ms * 1000) / BATCH;
}

/** Microseconds for one life of a session. */
async function perNewIdentifier(pool: Pool): Promise<number> {
  const ms = await timed(async () => {
    for (let index = 0; index < BATCH; index += 1) {
      (await pool.acquire(`new-${index}`)).release();
      await pool.stop(`new-${index}`, "measured");
    }
  });
  return (ms * 1000) / BATCH;
}

/** Instances of nothing. */
function idleRuntime(): SessionRuntime {
  const endpoint = socketEndpoint({ path: "/nowhere" });
  let made = 0;
  return {
    kind: "docker",
    prepare: async () => undefined,
    missing: async () => undefined,
    limitsNotInForce: async () => [],
    create: async () => {
      made += 1;
      return { id: String(made), name: `none-${made}`, endpoint, exited: new Promise(() => undefined) };
    },
    pause: async () => undefined,
    resume: async () => undefined,
    listens: async () => true,
    remember: async () => undefined,
    recover: async () => [],
    destroy: async () => undefined,
    close: async () => undefined,
  };
}
