import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RequestFacts } from "./request-facts.js";
import type { ServedPool } from "./served-pool.js";

const PREFIX = "dynamic_sessions_";
/** Seconds: from a forwarded request to a cold start of a slow image. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** The numbers of `/_emulator/metrics`, in Prometheus' text format. One for each emulator. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests = new Histogram({
    name: `${PREFIX}request_duration_seconds`,
    help: "Requests to pools, from arrival to the last byte, by HTTP status (0: the caller left before an answer)",
    labelNames: ["pool", "status"],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  private readonly waits = new Histogram({
    name: `${PREFIX}allocation_duration_seconds`,
    help: "Wait of requests with a new identifier for their session",
    labelNames: ["pool"],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  private readonly allocations = new Counter({
    name: `${PREFIX}allocations_total`,
    help: "New identifiers by what served them: an instance that was ready (warm), on its way (warming), made for it (cold), none (failed)",
    labelNames: ["pool", "served_by"],
    registers: [this.registry],
  });
  private readonly hitRate = new Gauge({
    name: `${PREFIX}warm_hit_ratio`,
    help: "Share of new identifiers that an instance served which was ready; absent before the first",
    labelNames: ["pool"],
    registers: [this.registry],
  });
  private readonly sessions = new Gauge({
    name: `${PREFIX}sessions`,
    help: "Sessions now, by state",
    labelNames: ["pool", "state"],
    registers: [this.registry],
  });
  private readonly ready = new Gauge({
    name: `${PREFIX}ready_instances`,
    help: "Instances that a new identifier could have at once",
    labelNames: ["pool"],
    registers: [this.registry],
  });
  private readonly maximum = new Gauge({
    name: `${PREFIX}max_concurrent_sessions`,
    help: "The pool's maxConcurrentSessions",
    labelNames: ["pool"],
    registers: [this.registry],
  });

  constructor() {
    // Not prom-client's default metrics: they observe the process for good, also after this emulator's end.
    new Gauge({
      name: "process_resident_memory_bytes",
      help: "Memory of the emulator's process",
      registers: [this.registry],
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  /** Media type of what {@link render} gives. */
  get contentType(): string {
    return this.registry.contentType;
  }

  /** Counts a request that is over. @param ms how long it took */
  observe(facts: RequestFacts, ms: number): void {
    const { pool, status = 0, newSession, allocationMs } = facts;
    if (pool === undefined) return;
    this.requests.observe({ pool, status: String(status) }, ms / 1000);
    if (newSession) this.waits.observe({ pool }, (allocationMs ?? 0) / 1000);
  }

  /** Everything as text, the pools as they are now. */
  async render(pools: Iterable<ServedPool>): Promise<string> {
    for (const gauge of [this.allocations, this.hitRate, this.sessions]) gauge.reset();
    for (const { config, pool } of pools) {
      const { name } = config;
      for (const [kind, count] of Object.entries(pool.counts)) {
        this.allocations.inc({ pool: name, served_by: kind }, count);
      }
      const { warm, warming, cold } = pool.counts;
      const served = warm + warming + cold;
      if (served > 0) this.hitRate.set({ pool: name }, warm / served);
      for (const { state } of pool.list()) this.sessions.inc({ pool: name, state });
      this.ready.set({ pool: name }, pool.ready);
      this.maximum.set({ pool: name }, config.maxConcurrentSessions);
    }
    return this.registry.metrics();
  }
}
