import type { Instance } from "../runtime/runtime.js";
import type { Timer } from "./clock.js";
import { isLegalTransition, type SessionState } from "./states.js";

/** What can be told about a session. Times are milliseconds since the epoch. */
export interface SessionView {
  pool: string;
  identifier: string;
  state: SessionState;
  /** Name of the instance; absent while it is being created. */
  container: string | undefined;
  createdAt: number;
  lastAccessedAt: number;
  expiresAt: number;
}

/** One transition of one session, for the log. */
export interface Transition {
  pool: string;
  identifier: string;
  from: SessionState;
  to: SessionState;
  reason: string;
}

/** A session of one identifier: its state, its instance and what is going on in it. */
export class Session {
  state: SessionState = "warming";
  instance: Instance | undefined;
  lastAccessedAt: number;
  /** Requests, streams and WebSockets that are under way. */
  inFlight = 0;
  /** The idle timer or, for `OnContainerExit`, the end of the longest life. */
  timer: Timer | undefined;
  /** Ends a creation that is under way. */
  readonly abort = new AbortController();

  constructor(
    readonly pool: string,
    readonly identifier: string,
    readonly createdAt: number,
    private readonly log: (transition: Transition) => void,
  ) {
    this.lastAccessedAt = createdAt;
  }

  /** The one place where the state changes. Throws on a transition that the life of a session does not have. */
  transition(to: SessionState, reason: string): void {
    if (!isLegalTransition(this.state, to)) {
      throw new Error(`session '${this.identifier}' cannot go from ${this.state} to ${to} (${reason})`);
    }
    const from = this.state;
    this.state = to;
    this.log({ pool: this.pool, identifier: this.identifier, from, to, reason });
  }
}
