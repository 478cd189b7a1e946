/** A pending call that can be taken back. */
export interface Timer {
  cancel(): void;
}

/** The only source of time for sessions, so that a cooldown of minutes can be tested in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `action` once, `delayMs` from now. */
  after(delayMs: number, action: () => void): Timer;
}

/** Node fires at once any timer that is set for longer than this. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

interface PendingTimer {
  dueAt: number;
  action: () => void;
  handle: NodeJS.Timeout | undefined;
}

/** Wall-clock time plus an offset that only ever grows; timers follow the offset. */
export class AdjustableClock implements Clock {
  private offsetMs = 0;
  private readonly pending = new Set<PendingTimer>();

  now(): number {
    return Date.now() + this.offsetMs;
  }

  after(delayMs: number, action: () => void): Timer {
    const timer: PendingTimer = { dueAt: this.now() + Math.max(0, delayMs), action, handle: undefined };
    this.pending.add(timer);
    this.arm(timer);
    return {
      cancel: () => {
        clearTimeout(timer.handle);
        this.pending.delete(timer);
      },
    };
  }

  /** Moves time forward; timers that became due fire in the order of their due times. */
  advance(byMs: number): void {
    this.offsetMs += byMs;
    for (const timer of [...this.pending].sort((a, b) => a.dueAt - b.dueAt)) {
      clearTimeout(timer.handle);
      if (this.pending.has(timer)) this.arm(timer);
    }
  }

  private arm(timer: PendingTimer): void {
    const remaining = timer.dueAt - this.now();
    if (remaining <= 0) {
      timer.handle = setTimeout(() => this.fire(timer), 0);
    } else {
      timer.handle = setTimeout(
        () => (timer.dueAt <= this.now() ? this.fire(timer) : this.arm(timer)),
        Math.min(remaining, LONGEST_TIMEOUT_MS),
      );
    }
    timer.handle.unref();
  }

  private fire(timer: PendingTimer): void {
    if (this.pending.delete(timer)) timer.action();
  }
}
