/** When to check and what to make of it; all times in seconds (byoc 2.3, `healthProbe`). */
export interface HealthRules {
  initialDelaySeconds: number;
  periodSeconds: number;
  failureThreshold: number;
  successfulHealthCheckThresholdSeconds: number;
}

/**
 * Runs a health check again and again. Unhealthy is what fails `failureThreshold` times in a row, or fails and
 * has had no success for `successfulHealthCheckThresholdSeconds`. A check that cannot run, because user code
 * does, says nothing either way.
 */
export class HealthMonitor {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private failures = 0;
  private lastSuccess = performance.now();

  /** @param check `undefined` when it could not run; must not throw */
  constructor(
    private readonly rules: HealthRules,
    private readonly check: () => Promise<boolean | undefined>,
  ) {}

  /** Begins after the initial delay. */
  start(): void {
    this.schedule(this.rules.initialDelaySeconds * 1000);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  get isHealthy(): boolean {
    if (this.failures === 0) return true;
    const { failureThreshold, successfulHealthCheckThresholdSeconds } = this.rules;
    const withoutSuccess = (performance.now() - this.lastSuccess) / 1000;
    return this.failures < failureThreshold && withoutSuccess <= successfulHealthCheckThresholdSeconds;
  }

  private schedule(delayMs: number): void {
    if (this.isStopped) return;
    const due = performance.now() + delayMs;
    // Not a reason for the process to live on.
    this.timer = setTimeout(() => void this.round(due), Math.min(delayMs, 2 ** 31 - 1)).unref();
  }

  private async round(due: number): Promise<void> {
    const periodMs = this.rules.periodSeconds * 1000;
    // A pool pauses the sessions that it keeps ready. The first moments afterwards belong to the user.
    const wasPaused = performance.now() - due > Math.max(periodMs, 1_000);
    if (!wasPaused) this.note(await this.check());
    this.schedule(periodMs);
  }

  private note(well: boolean | undefined): void {
    if (well === undefined) return;
    if (well) this.lastSuccess = performance.now();
    this.failures = well ? 0 : this.failures + 1;
  }
}
