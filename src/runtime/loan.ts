import type { Instance, InstanceSpec, SessionRuntime } from "./runtime.js";

/** Instances that belong to no pool and live for one use only. */
export class InstanceLoans {
  private readonly open = new Set<Promise<unknown>>();
  private readonly closing = new AbortController();

  constructor(private readonly runtime: SessionRuntime) {}

  /**
   * Starts an instance, lends it for one use and destroys it, however the use ends.
   * @throws RuntimeError when none could be started, or after {@link close}
   */
  lend<Result>(spec: InstanceSpec, use: (instance: Instance) => Promise<Result>): Promise<Result> {
    const loan = this.run(spec, use).finally(() => this.open.delete(loan));
    this.open.add(loan);
    return loan;
  }

  /** Ends loans that are being started and destroys what is lent. */
  async close(): Promise<void> {
    this.closing.abort(new Error("the emulator is shutting down"));
    await Promise.allSettled(this.open);
  }

  private async run<Result>(
    spec: InstanceSpec,
    use: (instance: Instance) => Promise<Result>,
  ): Promise<Result> {
    const { signal } = this.closing;
    signal.throwIfAborted();
    const instance = await this.runtime.create(spec, {}, signal);
    const destroy = () => this.runtime.destroy(instance);
    const hurry = () => void destroy().catch(() => undefined);
    signal.addEventListener("abort", hurry, { once: true });
    try {
      return await use(instance);
    } finally {
      signal.removeEventListener("abort", hurry);
      await destroy();
    }
  }
}
