import type { Instance } from "../runtime/runtime.js";
import { isLegalTransition, type SessionState } from "./states.js";

/** One transition of one instance, for the log. */
export interface Transition {
  /** Name of the instance; absent until it has one. */
  container: string | undefined;
  /** The identifier that it belongs to; absent for a warm instance. */
  identifier: string | undefined;
  from: SessionState;
  to: SessionState;
  reason: string;
}

/** An instance of the pool from its creation to its end: its state, and who has it. */
export class PooledInstance {
  state: SessionState = "warming";
  instance: Instance | undefined;
  /** The identifier that has touched it; once set it never changes. */
  identifier: string | undefined;
  /** True while the runtime has it paused. */
  paused = false;
  /** Ends a creation that is under way. */
  readonly abort = new AbortController();
  /** Settles when the creation is over; rejects when it failed. */
  created: Promise<Instance> = Promise.reject(new Error("not begun"));

  constructor(private readonly log: (transition: Transition) => void) {
    this.created.catch(() => undefined);
  }

  /** True as long as it may still be used. */
  get isLive(): boolean {
    return this.state === "warming" || this.state === "ready" || this.state === "allocated";
  }

  /** The one place where the state changes. Throws on a transition that an instance's life does not have. */
  transition(to: SessionState, reason: string): void {
    if (!isLegalTransition(this.state, to)) {
      throw new Error(`instance '${this.instance?.name}' cannot go from ${this.state} to ${to} (${reason})`);
    }
    const from = this.state;
    this.state = to;
    const { identifier } = this;
    this.log({ container: this.instance?.name, identifier, from, to, reason });
  }
}
