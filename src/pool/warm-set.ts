import type { Clock, Timer } from "./clock.js";
import type { Limiter } from "./limiter.js";
import type { PooledInstance } from "./pooled-instance.js";

/** Wait after the first failure; doubled by each further one. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;

/** What a warm set needs of its pool. */
export interface WarmSetContext {
  /** How many instances should be kept at this moment. */
  target(): number;
  /** Begins an instance without an identifier; it is probed and paused when `created` settles. */
  begin(): PooledInstance;
  /** Removes an instance that is not needed or of no use. */
  discard(pooled: PooledInstance, reason: string): void;
  clock: Clock;
  limiter: Limiter;
}

/** Instances that nobody has touched yet, kept ready for new identifiers. */
export class WarmSet {
  private readonly members = new Set<PooledInstance>();
  private waiting = 0;
  private failures = 0;
  private retry: Timer | undefined;
  private closed = false;

  constructor(private readonly context: WarmSetContext) {}

  /** Why the last try failed; absent when the last one succeeded. */
  lastError: unknown;

  get size(): number {
    return this.members.size;
  }

  /** Those that a new identifier could have at once. */
  get ready(): number {
    return [...this.members].filter(({ state }) => state === "ready").length;
  }

  /** Gives an instance away for good: one that is ready, else one that will be soon. */
  take(): PooledInstance | undefined {
    const members = [...this.members];
    const taken = members.find(({ state }) => state === "ready") ?? members[0];
    if (taken) this.members.delete(taken);
    return taken;
  }

  /** Begins what is missing, as soon as nobody else needs the machine. Call it whenever something has changed. */
  refill(): void {
    if (this.closed || this.retry) return;
    while (this.members.size + this.waiting < this.context.target()) {
      this.waiting += 1;
      void this.context.limiter.background(() => this.add());
    }
  }

  /**
   * Begins one member at once, without waiting for a quiet moment.
   * @throws what its creation throws; it is no member then
   */
  async prime(pooled: PooledInstance): Promise<void> {
    this.members.add(pooled);
    try {
      await pooled.created;
    } catch (error) {
      this.members.delete(pooled);
      throw error;
    }
  }

  /** Gives everything away and begins no more, until {@link reopen}. */
  drain(): PooledInstance[] {
    this.closed = true;
    this.retry?.cancel();
    this.retry = undefined;
    const members = [...this.members];
    this.members.clear();
    return members;
  }

  /** Goes on after {@link drain}. */
  reopen(): void {
    this.closed = false;
    this.failures = 0;
    this.refill();
  }

  private async add(): Promise<void> {
    this.waiting -= 1;
    if (this.closed || this.members.size >= this.context.target()) return;
    const pooled = this.context.begin();
    this.members.add(pooled);
    try {
      await pooled.created;
      this.failures = 0;
      this.lastError = undefined;
    } catch (error) {
      this.lost(pooled, error);
    }
  }

  /** Takes note that a member is of no use any more. */
  lost(pooled: PooledInstance, error: unknown): void {
    if (!this.members.delete(pooled)) return;
    this.lastError = error;
    this.context.discard(pooled, "it cannot be kept ready");
    if (this.closed || this.retry) return;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LONGEST_RETRY_MS);
    this.failures += 1;
    this.retry = this.context.clock.after(delay, () => {
      this.retry = undefined;
      this.refill();
    });
  }
}
