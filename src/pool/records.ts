import type { Timer } from "./clock.js";
import type { Session } from "./session.js";
import type { PoolContext } from "./settings.js";

/** An access is written down at most this often. */
const EVERY_MS = 1_000;

/** Writes down what a restarted emulator must know of a pool's sessions. */
export class Records {
  private readonly writtenAt = new WeakMap<Session, number>();
  private readonly due = new Map<Session, Timer>();

  constructor(
    private readonly pool: string,
    private readonly context: PoolContext,
  ) {}

  /** Writes at once, or as soon as the last time is long enough ago. Never rejects. */
  async write(session: Session): Promise<void> {
    const { clock } = this.context;
    const wait = (this.writtenAt.get(session) ?? -Infinity) + EVERY_MS - clock.now();
    if (wait <= 0) return this.writeLast(session);
    if (this.due.has(session)) return;
    this.due.set(
      session,
      clock.after(wait, () => void this.writeLast(session)),
    );
  }

  /** Writes also when that was done a moment ago, since there is no next time. Never rejects. */
  async writeLast(session: Session): Promise<void> {
    this.forget(session);
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

  /** Nothing of this session needs to be written any more. */
  forget(session: Session): void {
    this.due.get(session)?.cancel();
    this.due.delete(session);
  }
}
