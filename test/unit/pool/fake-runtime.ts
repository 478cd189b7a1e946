import { socketEndpoint } from "../../../src/runtime/endpoint.js";
import type {
  Instance,
  InstanceExit,
  InstanceOwner,
  InstanceSpec,
  SessionRecord,
  SessionRuntime,
} from "../../../src/runtime/runtime.js";

/** An instance that a test can end from outside. */
export interface FakeInstance extends Instance {
  readonly owner: InstanceOwner;
  exit(exit: InstanceExit): void;
}

/** Keeps account of instances without starting anything. For the pool's own tests only. */
export class FakeRuntime implements SessionRuntime {
  readonly kind = "docker";
  readonly alive = new Set<FakeInstance>();
  readonly paused = new Set<Instance>();
  readonly records = new Map<string, SessionRecord>();
  created = 0;
  mostAlive = 0;
  /** Called before each creation; throw to let it fail, wait to delay it. */
  beforeCreate: (signal: AbortSignal) => Promise<void> = async () => undefined;

  async prepare(): Promise<void> {}

  async missing(): Promise<undefined> {
    return undefined;
  }

  async limitsNotInForce(): Promise<string[]> {
    return [];
  }

  async create(spec: InstanceSpec, owner: InstanceOwner, signal: AbortSignal): Promise<Instance> {
    this.created += 1;
    const id = String(this.created);
    await this.beforeCreate(signal);
    let exit: (exit: InstanceExit) => void = () => undefined;
    const exited = new Promise<InstanceExit>((resolve) => {
      exit = resolve;
    });
    const endpoint = socketEndpoint({ path: "/nowhere" });
    const instance: FakeInstance = { id, name: `dse-${spec.pool}-${id}`, endpoint, exited, owner, exit };
    this.alive.add(instance);
    this.mostAlive = Math.max(this.mostAlive, this.alive.size);
    return instance;
  }

  async pause(instance: Instance): Promise<void> {
    this.paused.add(instance);
  }

  async listens(instance: Instance): Promise<boolean> {
    return this.alive.has(instance as FakeInstance);
  }

  async resume(instance: Instance): Promise<void> {
    if (!this.alive.has(instance as FakeInstance)) throw new Error("no such instance");
    this.paused.delete(instance);
  }

  async remember(instance: Instance, record: SessionRecord): Promise<void> {
    this.records.set(instance.id, record);
  }

  async recover(): Promise<{ instance: Instance; record: SessionRecord }[]> {
    return [...this.alive].flatMap((instance) => {
      const record = this.records.get(instance.id);
      return record ? [{ instance, record }] : [];
    });
  }

  async destroy(instance: Instance): Promise<void> {
    this.alive.delete(instance as FakeInstance);
  }

  async close(): Promise<void> {
    this.alive.clear();
  }
}
