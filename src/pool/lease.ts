import type { Instance } from "../runtime/runtime.js";
import type { Clock } from "./clock.js";
import type { SessionView } from "./session.js";

/** The right to use a session's instance for one request. Release it when the last byte has gone. */
export interface Lease {
  readonly instance: Instance;
  readonly session: SessionView;
  /** True when this request is the one that allocated the session. */
  readonly isNew: boolean;
  /** Milliseconds that this request waited for the session. */
  readonly allocationMs: number;
  /**
   * To be called when the instance gave no answer. Settles when it is known whether it has ended, so that the next
   * request gets a new session and not the dead one.
   */
  gaveNoAnswer(): Promise<void>;
  /** Ends this use; calls after the first do nothing. */
  release(): void;
}

/** The runtime tells the end of an instance a moment after its connections broke; on a busy machine seconds after. */
const END_IS_TOLD_WITHIN_MS = 10_000;

/** What a lease has to do with its pool. */
interface LeaseSource {
  clock: Clock;
  /** Nothing more is to be learnt: the session is over for its pool, or its instance listens after all. */
  isDecided(): Promise<boolean>;
  release(): void;
}

/** Makes the lease of one request. */
export function leaseOf(
  facts: Pick<Lease, "instance" | "session" | "isNew" | "allocationMs">,
  source: LeaseSource,
): Lease {
  let held = true;
  return {
    ...facts,
    gaveNoAnswer: async () => {
      if (!(await source.isDecided())) await endOf(facts.instance, source.clock);
    },
    release: () => {
      if (held) source.release();
      held = false;
    },
  };
}

/** Waits for an instance's end, though not for ever. */
function endOf(instance: Instance, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(END_IS_TOLD_WITHIN_MS, resolve);
    void instance.exited.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
