import { type Instance, RuntimeError } from "../runtime/runtime.js";
import { PoolBusyError, PoolClosedError, PoolFullError } from "./errors.js";
import { Instances } from "./instances.js";
import { type Lease, leaseOf } from "./lease.js";
import { Lifetimes } from "./lifetimes.js";
import type { PooledInstance } from "./pooled-instance.js";
import { Records } from "./records.js";
import { Session, type SessionView, viewOf } from "./session.js";
import type { AllocationCounts, PoolContext, PoolSettings } from "./settings.js";
import { WarmSet } from "./warm-set.js";

/** Requests that may wait for an allocation at the same time; more are refused at once. */
const MOST_WAITING = 1_000;
/** A pool and how to look after it. */
export class Pool {
  readonly counts: AllocationCounts = { warm: 0, warming: 0, cold: 0, failed: 0 };
  private readonly sessions = new Map<string, Session>();
  private readonly instances: Instances;
  private readonly warm: WarmSet;
  private readonly records: Records;
  private readonly lifetimes: Lifetimes;
  private waiting = 0;
  private closed = false;

  constructor(
    readonly settings: PoolSettings,
    private readonly context: PoolContext,
  ) {
    this.records = new Records(settings.name, context);
    this.lifetimes = new Lifetimes(settings.lifecycle, context.clock, (session, reason) =>
      this.end(session, reason),
    );
    this.instances = new Instances(settings.name, settings.spec, context, (pooled, error) =>
      this.warm.lost(pooled, error),
    );
    this.warm = new WarmSet({
      target: () => this.warmTarget(),
      begin: () => this.instances.begin(undefined),
      discard: (pooled, reason) => void this.instances.discard(pooled, reason),
      clock: context.clock,
      limiter: context.limiter,
    });
  }

  get name(): string {
    return this.settings.name;
  }

  /** Instances that a new identifier could have at once. */
  get ready(): number {
    return this.warm.ready;
  }

  /** Why no instance can be kept ready; absent when there is nothing wrong. */
  get warmError(): unknown {
    return this.warm.lastError;
  }

  /**
   * Starts one instance to see that the pool can; it is kept when the pool keeps instances ready.
   * @throws RuntimeError when it cannot be started
   */
  async verify(signal: AbortSignal): Promise<void> {
    const pooled = this.instances.begin(undefined);
    const stop = () => void this.instances.discard(pooled, "the start was ended");
    signal.addEventListener("abort", stop, { once: true });
    try {
      if (this.warmTarget() > 0) {
        await this.warm.prime(pooled);
      } else {
        await pooled.created;
        await this.instances.discard(pooled, "it has shown that the pool works");
      }
    } catch (error) {
      await this.instances.discard(pooled, messageOf(error));
      throw error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  /** Begins to keep instances ready. */
  start(): void {
    this.warm.refill();
  }

  /**
   * Gives the session of an identifier, allocating it on first use. However many callers arrive together,
   * one identifier has one instance.
   * @throws PoolFullError when the identifier is new and the pool is at its maximum
   * @throws PoolBusyError when too many requests wait for an allocation already
   * @throws PoolClosedError after {@link close}
   * @throws RuntimeError when no instance could be started; the identifier is free again afterwards
   */
  async acquire(identifier: string): Promise<Lease> {
    const askedAt = this.context.clock.now();
    const known = this.sessions.get(identifier);
    if (this.waiting >= MOST_WAITING && known?.pooled?.state !== "allocated") {
      throw new PoolBusyError(this.name, this.waiting);
    }
    const session = known ?? this.allocate(identifier);
    this.lifetimes.enter(session);
    this.waiting += 1;
    try {
      const instance = await session.started;
      if (session.ended !== undefined) throw endedEarly(session);
      return this.lease(session, instance, known === undefined, askedAt);
    } catch (error) {
      this.leave(session);
      throw error;
    } finally {
      this.waiting -= 1;
    }
  }

  /** A session without touching it, so that looking does not keep it alive. */
  peek(identifier: string): SessionView | undefined {
    const session = this.sessions.get(identifier);
    return session && this.view(session);
  }

  /** Every session in the order of allocation, untouched. */
  list(): SessionView[] {
    return [...this.sessions.values()].map((session) => this.view(session));
  }

  /**
   * Takes over a session that an earlier emulator left: same identifier, same instance, same remaining time.
   * @returns false when the pool is full or has that identifier already; the caller destroys the instance
   */
  adopt(
    instance: Instance,
    record: { identifier: string; createdAt: number; lastAccessedAt: number },
  ): boolean {
    const { identifier } = record;
    if (this.closed || this.sessions.has(identifier)) return false;
    if (this.sessions.size >= this.settings.maxConcurrentSessions) return false;
    const session = new Session(identifier, record.createdAt);
    session.lastAccessedAt = record.lastAccessedAt;
    const pooled = this.instances.existing(instance, identifier);
    session.pooled = pooled;
    session.started = Promise.resolve(instance);
    this.sessions.set(identifier, session);
    void this.settle(session, pooled, instance, "adopted from an earlier emulator");
    this.lifetimes.idle(session);
    return true;
  }

  /**
   * Ends the session of an identifier. Its place is free at once; the promise settles when its instance is gone.
   * @returns false when there is no such session
   */
  async stop(identifier: string, reason: string): Promise<boolean> {
    const session = this.sessions.get(identifier);
    if (!session) return false;
    await this.end(session, reason);
    return true;
  }

  /** Ends every session and every ready instance; the pool goes on. */
  async reset(reason: string): Promise<void> {
    await this.endAll(reason);
    if (!this.closed) this.warm.reopen();
  }

  /** Ends every session and refuses new ones. Settles when every instance is gone. */
  async close(): Promise<void> {
    this.closed = true;
    await this.endAll("the emulator is shutting down");
  }

  /** Refuses new requests and leaves the sessions running for the next emulator; only warm instances are ended. */
  async abandon(): Promise<void> {
    this.closed = true;
    for (const pooled of this.warm.drain())
      void this.instances.discard(pooled, "the emulator is shutting down");
    for (const session of this.sessions.values()) {
      session.timer?.cancel();
      if (session.pooled?.state === "allocated") await this.records.writeLast(session);
      else void this.end(session, "the emulator is shutting down");
    }
    await this.instances.removed();
  }

  private async endAll(reason: string): Promise<void> {
    for (const pooled of this.warm.drain()) void this.instances.discard(pooled, reason);
    for (const session of [...this.sessions.values()]) void this.end(session, reason);
    await this.instances.removed();
  }

  private warmTarget(): number {
    const { readySessionInstances, maxConcurrentSessions } = this.settings;
    return Math.min(readySessionInstances, maxConcurrentSessions - this.sessions.size);
  }

  private allocate(identifier: string): Session {
    if (this.closed) throw new PoolClosedError(this.name);
    const { maxConcurrentSessions } = this.settings;
    if (this.sessions.size >= maxConcurrentSessions) {
      throw new PoolFullError(this.name, identifier, this.sessions.size, maxConcurrentSessions);
    }
    const session = new Session(identifier, this.context.clock.now());
    this.sessions.set(identifier, session);
    session.started = this.context.limiter.foreground(() => this.bring(session));
    return session;
  }

  /** Finds an instance for a session: a warm one as long as there are any that work, else one made for it. */
  private async bring(session: Session): Promise<Instance> {
    try {
      for (let pooled = this.warm.take(); pooled; pooled = this.warm.take()) {
        const kind = pooled.state === "ready" ? "warm" : "warming";
        session.pooled = pooled;
        const instance = await this.instances.assign(pooled, session.identifier);
        if (session.ended !== undefined) throw endedEarly(session);
        if (!instance) continue;
        this.counts[kind] += 1;
        await this.settle(session, pooled, instance, `given to its identifier (${kind})`);
        return instance;
      }
      const pooled = this.instances.begin(session.identifier);
      session.pooled = pooled;
      const instance = await pooled.created;
      if (session.ended !== undefined) throw endedEarly(session);
      this.counts.cold += 1;
      await this.settle(session, pooled, instance, "first use of the identifier");
      return instance;
    } catch (error) {
      this.counts.failed += 1;
      if (session.ended === undefined) void this.end(session, messageOf(error));
      throw error;
    }
  }

  /** Settles when a restarted emulator would find the session: nobody is served by one that could be lost. */
  private settle(
    session: Session,
    pooled: PooledInstance,
    instance: Instance,
    reason: string,
  ): Promise<void> {
    pooled.transition("allocated", reason);
    this.lifetimes.begin(session);
    void instance.exited.then((exit) => this.end(session, exit.reason));
    return this.records.write(session);
  }

  private lease(session: Session, instance: Instance, isNew: boolean, askedAt: number): Lease {
    const { clock, runtime } = this.context;
    return leaseOf(
      { instance, session: this.view(session), isNew, allocationMs: clock.now() - askedAt },
      {
        clock,
        isDecided: async () => session.ended !== undefined || runtime.listens(instance),
        release: () => this.leave(session),
      },
    );
  }

  private leave(session: Session): void {
    this.lifetimes.leave(session);
    if (session.inFlight === 0 && session.ended === undefined && session.pooled?.state === "allocated") {
      this.lifetimes.idle(session);
      void this.records.write(session);
    }
    this.warm.refill();
  }

  private async end(session: Session, reason: string): Promise<void> {
    if (session.ended !== undefined) return;
    session.ended = reason;
    if (this.sessions.get(session.identifier) === session) this.sessions.delete(session.identifier);
    session.timer?.cancel();
    this.records.forget(session);
    if (session.pooled) await this.instances.discard(session.pooled, reason);
    this.warm.refill();
  }

  private view(session: Session): SessionView {
    return viewOf(session, this.settings, this.context.clock.now());
  }
}

function endedEarly(session: Session): RuntimeError {
  const { identifier, ended } = session;
  return new RuntimeError("aborted", `the session of '${identifier}' ended while it was starting: ${ended}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
