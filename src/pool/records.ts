import type { Session } from "./session.js";
import type { PoolContext } from "./settings.js";

/** An access is written down at most this often. */
const EVERY_MS = 1_000;

/** Writes down what a restarted emulator must know of a pool's sessions. */
export class Records {
  private readonly writtenAt = new WeakMap<Session, number>();

  constructor(
    private readonly pool: string,
    private readonly context: PoolContext,
  ) {}

  /** Writes when what is written has become too old. Never rejects. */
  async write(session: Session): Promise<void> {
    const now = this.context.clock.now();
    if (now - (this.writtenAt.get(session) ?? -Infinity) < EVERY_MS) return;
    await this.writeLast(session);
  }

  /** Writes also when that was done a moment ago, since there is no next time. Never rejects. */
  async writeLast(session: Session): Promise<void> {
    const { instance } = session.pooled ?? {};
    if (!instance) return;
    const { runtime, clock, onEvent } = this.context;
    const { pool } = this;
    this.writtenAt.set(session, clock.now());
    const { identifier, createdAt, lastAccessedAt } = session;
    try {
      await runtime.remember(instance, { pool, identifier, createdAt, lastAccessedAt });
    } catch (error) {
      onEvent({ type: "failure", pool, identifier, what: "could not be written down for a restart", error });
    }
  }
}
