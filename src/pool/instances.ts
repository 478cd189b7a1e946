import { type Instance, type InstanceSpec, RuntimeError } from "../runtime/runtime.js";
import { PooledInstance } from "./pooled-instance.js";
import type { PoolContext } from "./settings.js";

/** Makes and removes the instances of one pool. */
export class Instances {
  private readonly removals = new Set<Promise<void>>();

  constructor(
    private readonly pool: string,
    private readonly spec: InstanceSpec,
    private readonly context: PoolContext,
    /** Called when an instance that waits to be used has ended by itself. */
    private readonly onReadyLost: (pooled: PooledInstance, error: Error) => void,
  ) {}

  /** Begins an instance; one without an identifier is paused as soon as it is ready. */
  begin(identifier: string | undefined): PooledInstance {
    const pooled = this.newPooled(identifier);
    pooled.created = this.create(pooled);
    pooled.created.catch(() => undefined);
    return pooled;
  }

  /** An instance that runs already, for the identifier that it belongs to. */
  existing(instance: Instance, identifier: string): PooledInstance {
    const pooled = this.newPooled(identifier);
    pooled.instance = instance;
    pooled.created = Promise.resolve(instance);
    return pooled;
  }

  /**
   * Gives a warm instance to an identifier and wakes it.
   * @returns undefined when it is of no use; it is removed then
   * @throws RuntimeError `engine-unavailable`: then no other instance is of use either
   */
  async assign(pooled: PooledInstance, identifier: string): Promise<Instance | undefined> {
    pooled.identifier = identifier;
    try {
      const instance = await pooled.created;
      if (pooled.paused) await this.context.runtime.resume(instance);
      pooled.paused = false;
      if (pooled.isLive) return instance;
    } catch (error) {
      void this.discard(pooled, error instanceof Error ? error.message : String(error));
      if (error instanceof RuntimeError && error.failure === "engine-unavailable") throw error;
    }
    return undefined;
  }

  /** Removes an instance, also one that is still being made. Settles when it is gone. */
  discard(pooled: PooledInstance, reason: string): Promise<void> {
    if (!pooled.isLive) return Promise.resolve();
    pooled.transition(pooled.instance ? "stopping" : "failed", reason);
    pooled.abort.abort(new Error(reason));
    const removal = this.remove(pooled).finally(() => this.removals.delete(removal));
    this.removals.add(removal);
    return removal;
  }

  /** Settles when every removal that is under way is over. */
  async removed(): Promise<void> {
    await Promise.all(this.removals);
  }

  private newPooled(identifier: string | undefined): PooledInstance {
    const pooled = new PooledInstance((transition) =>
      this.context.onEvent({ type: "transition", pool: this.pool, ...transition }),
    );
    pooled.identifier = identifier;
    return pooled;
  }

  private async create(pooled: PooledInstance): Promise<Instance> {
    const { runtime } = this.context;
    const owner = pooled.identifier === undefined ? {} : { identifier: pooled.identifier };
    const instance = await runtime.create(this.spec, owner, pooled.abort.signal);
    pooled.instance = instance;
    const nobodyAsked = () => pooled.identifier === undefined && pooled.state === "warming";
    if (!nobodyAsked()) return instance;
    // Paused it costs no processor time; whoever asks meanwhile wakes it.
    try {
      await runtime.pause(instance);
      pooled.paused = true;
    } catch (error) {
      const what = "could not be paused and waits as it is";
      this.context.onEvent({ type: "failure", pool: this.pool, identifier: undefined, what, error });
    }
    if (!nobodyAsked()) return instance;
    pooled.transition("ready", pooled.paused ? "probed and paused" : "probed");
    void instance.exited.then((exit) => this.onReadyLost(pooled, new Error(exit.reason)));
    return instance;
  }

  private async remove(pooled: PooledInstance): Promise<void> {
    let end = "everything of it is removed";
    try {
      const instance = pooled.instance ?? (await pooled.created.catch(() => undefined));
      if (instance) await this.context.runtime.destroy(instance);
    } catch (error) {
      const { identifier } = pooled;
      this.context.onEvent({
        type: "failure",
        pool: this.pool,
        identifier,
        what: "could not be removed",
        error,
      });
      end = "the runtime removes it as soon as it can";
    }
    pooled.transition("gone", end);
  }
}
