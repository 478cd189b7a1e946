import { type Instance, type InstanceSpec, RuntimeError, type SessionRuntime } from "../runtime/runtime.js";
import type { Clock } from "./clock.js";
import { PoolClosedError, PoolFullError } from "./errors.js";
import { Session, type SessionView, type Transition } from "./session.js";

/** How sessions of a pool end when nobody stops them (ARM `lifecycleConfiguration`). */
export type Lifecycle =
  | { type: "Timed"; cooldownMs: number }
  | { type: "OnContainerExit"; maxAliveMs: number };

/** What a pool is made of. */
export interface PoolSettings {
  name: string;
  spec: InstanceSpec;
  maxConcurrentSessions: number;
  lifecycle: Lifecycle;
}

/** What a pool tells the log. */
export type PoolEvent =
  | ({ type: "transition" } & Transition)
  | { type: "destroy-failed"; pool: string; identifier: string; error: unknown };

/** The right to use a session's instance for one request. Release it when the last byte has gone. */
export interface Lease {
  readonly instance: Instance;
  readonly session: SessionView;
  /** True when this request is the one that allocated the session. */
  readonly isNew: boolean;
  /** Milliseconds that this request waited for the session. */
  readonly allocationMs: number;
  /** Ends this use; calls after the first do nothing. */
  release(): void;
}

/** A pool and how to look after it. */
export class Pool {
  private readonly sessions = new Map<string, Session>();
  private readonly starts = new WeakMap<Session, Promise<Instance>>();
  private readonly stops = new Set<Promise<void>>();
  private closed = false;

  constructor(
    readonly settings: PoolSettings,
    private readonly runtime: SessionRuntime,
    private readonly clock: Clock,
    private readonly onEvent: (event: PoolEvent) => void,
  ) {}

  get name(): string {
    return this.settings.name;
  }

  /** Sessions that count against `maxConcurrentSessions`. */
  get size(): number {
    return this.sessions.size;
  }

  /**
   * Gives the session of an identifier, allocating it on first use. However many callers arrive together,
   * one identifier has one instance.
   * @throws PoolFullError when the identifier is new and the pool is at its maximum
   * @throws PoolClosedError after {@link close}
   * @throws RuntimeError when no instance could be started; the identifier is free again afterwards
   */
  async acquire(identifier: string): Promise<Lease> {
    const askedAt = this.clock.now();
    const known = this.sessions.get(identifier);
    const session = known ?? this.allocate(identifier);
    this.enter(session);
    try {
      const instance = await this.started(session);
      if (session.state !== "allocated") {
        throw new RuntimeError("aborted", `the session of '${identifier}' ended while it was starting`);
      }
      return this.lease(session, instance, known === undefined, this.clock.now() - askedAt);
    } catch (error) {
      this.leave(session);
      throw error;
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
   * Ends the session of an identifier. Its place is free at once; the promise settles when its instance is gone.
   * @returns false when there is no such session
   */
  async stop(identifier: string, reason: string): Promise<boolean> {
    const session = this.sessions.get(identifier);
    if (!session) return false;
    await this.end(session, reason);
    return true;
  }

  /** Ends every session; the pool goes on. */
  async reset(reason: string): Promise<void> {
    for (const session of [...this.sessions.values()]) void this.end(session, reason);
    await Promise.all(this.stops);
  }

  /** Ends every session and refuses new ones. Settles when every instance is gone. */
  async close(): Promise<void> {
    this.closed = true;
    await this.reset("the emulator is shutting down");
  }

  private allocate(identifier: string): Session {
    if (this.closed) throw new PoolClosedError(this.name);
    const { maxConcurrentSessions } = this.settings;
    if (this.sessions.size >= maxConcurrentSessions) {
      throw new PoolFullError(this.name, identifier, this.sessions.size, maxConcurrentSessions);
    }
    const session = new Session(this.name, identifier, this.clock.now(), (transition) =>
      this.onEvent({ type: "transition", ...transition }),
    );
    this.sessions.set(identifier, session);
    this.starts.set(session, this.start(session));
    return session;
  }

  private started(session: Session): Promise<Instance> {
    const start = this.starts.get(session);
    if (!start) throw new Error(`session '${session.identifier}' was never started`);
    return start;
  }

  private async start(session: Session): Promise<Instance> {
    let instance: Instance;
    try {
      const owner = { identifier: session.identifier };
      instance = await this.runtime.create(this.settings.spec, owner, session.abort.signal);
    } catch (error) {
      if (session.state === "warming") {
        this.sessions.delete(session.identifier);
        session.transition("failed", error instanceof Error ? error.message : String(error));
        session.transition("gone", "nothing was started");
      }
      throw error;
    }
    session.instance = instance;
    if (session.state !== "warming") return instance;
    session.transition("allocated", "first use of the identifier");
    if (this.settings.lifecycle.type === "OnContainerExit") {
      session.timer = this.clock.after(this.settings.lifecycle.maxAliveMs, () => {
        void this.end(session, "maxAlivePeriodInSeconds is over");
      });
    }
    void instance.exited.then(({ exitCode, oomKilled }) =>
      this.end(session, `its container exited with code ${exitCode}${oomKilled ? " (out of memory)" : ""}`),
    );
    return instance;
  }

  private lease(session: Session, instance: Instance, isNew: boolean, allocationMs: number): Lease {
    let held = true;
    return {
      instance,
      session: this.view(session),
      isNew,
      allocationMs,
      release: () => {
        if (held) this.leave(session);
        held = false;
      },
    };
  }

  private enter(session: Session): void {
    session.inFlight += 1;
    session.lastAccessedAt = this.clock.now();
    if (this.settings.lifecycle.type === "Timed") session.timer?.cancel();
  }

  private leave(session: Session): void {
    session.inFlight -= 1;
    session.lastAccessedAt = this.clock.now();
    const { lifecycle } = this.settings;
    if (session.inFlight > 0 || session.state !== "allocated" || lifecycle.type !== "Timed") return;
    session.timer = this.clock.after(lifecycle.cooldownMs, () => {
      void this.end(session, "idle for the cooldown");
    });
  }

  private end(session: Session, reason: string): Promise<void> {
    if (session.state !== "warming" && session.state !== "allocated") return Promise.resolve();
    if (this.sessions.get(session.identifier) === session) this.sessions.delete(session.identifier);
    session.timer?.cancel();
    session.transition("stopping", reason);
    session.abort.abort(new Error(reason));
    const stop = this.destroy(session).finally(() => this.stops.delete(stop));
    this.stops.add(stop);
    return stop;
  }

  private async destroy(session: Session): Promise<void> {
    try {
      const instance = await this.started(session).catch(() => undefined);
      if (instance) await this.runtime.destroy(instance);
    } catch (error) {
      this.onEvent({ type: "destroy-failed", pool: this.name, identifier: session.identifier, error });
    }
    session.transition("gone", "everything of it is removed");
  }

  private view(session: Session): SessionView {
    const { lifecycle } = this.settings;
    const lastAccessedAt = session.inFlight > 0 ? this.clock.now() : session.lastAccessedAt;
    return {
      pool: this.name,
      identifier: session.identifier,
      state: session.state,
      container: session.instance?.name,
      createdAt: session.createdAt,
      lastAccessedAt,
      expiresAt:
        lifecycle.type === "Timed"
          ? lastAccessedAt + lifecycle.cooldownMs
          : session.createdAt + lifecycle.maxAliveMs,
    };
  }
}
