import type { Clock, Timer } from "../../../src/pool/clock.js";

/** Time that stands still until a test moves it. */
export class ManualClock implements Clock {
  private time = Date.UTC(2026, 0, 1);
  private readonly timers = new Set<{ dueAt: number; action: () => void }>();

  now(): number {
    return this.time;
  }

  after(delayMs: number, action: () => void): Timer {
    const timer = { dueAt: this.time + delayMs, action };
    this.timers.add(timer);
    return { cancel: () => this.timers.delete(timer) };
  }

  /** Moves time and fires what is due, then lets promises settle. */
  async advance(byMs: number): Promise<void> {
    this.time += byMs;
    for (const timer of [...this.timers].sort((a, b) => a.dueAt - b.dueAt)) {
      if (timer.dueAt <= this.time && this.timers.delete(timer)) timer.action();
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
