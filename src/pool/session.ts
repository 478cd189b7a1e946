import type { Instance } from "../runtime/runtime.js";
import type { Timer } from "./clock.js";
import type { PooledInstance } from "./pooled-instance.js";
import type { Lifecycle } from "./settings.js";
import type { SessionState } from "./states.js";

/** What can be told about a session. Times are milliseconds since the epoch. */
export interface SessionView {
  pool: string;
  identifier: string;
  state: SessionState;
  /** Name of the instance; absent while there is none. */
  container: string | undefined;
  createdAt: number;
  lastAccessedAt: number;
  expiresAt: number;
  /** Requests, streams and WebSockets that are under way. */
  inFlight: number;
}

/** A session: one identifier, the instance that it has, and what is going on in it. */
export class Session {
  lastAccessedAt: number;
  inFlight = 0;
  /** The idle timer or, for `OnContainerExit`, the end of the longest life. */
  timer: Timer | undefined;
  /** The instance that it has or waits for. */
  pooled: PooledInstance | undefined;
  /** Why it is over; absent as long as it is not. */
  ended: string | undefined;
  /** Settles when its instance is there. */
  started: Promise<Instance> = Promise.reject(new Error("not begun"));

  constructor(
    readonly identifier: string,
    readonly createdAt: number,
  ) {
    this.lastAccessedAt = createdAt;
    this.started.catch(() => undefined);
  }
}

/** A session as it is at a moment; one that is in use counts as accessed now. */
export function viewOf(
  session: Session,
  pool: { name: string; lifecycle: Lifecycle },
  now: number,
): SessionView {
  const { identifier, pooled, inFlight, createdAt } = session;
  const { lifecycle } = pool;
  const lastAccessedAt = inFlight > 0 ? now : session.lastAccessedAt;
  return {
    pool: pool.name,
    identifier,
    state: pooled?.state ?? "warming",
    container: pooled?.instance?.name,
    createdAt,
    lastAccessedAt,
    expiresAt:
      lifecycle.type === "Timed" ? lastAccessedAt + lifecycle.cooldownMs : createdAt + lifecycle.maxAliveMs,
    inFlight,
  };
}
