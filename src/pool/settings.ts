import type { InstanceSpec, SessionRuntime } from "../runtime/runtime.js";
import type { Clock } from "./clock.js";
import type { Limiter } from "./limiter.js";
import type { Transition } from "./pooled-instance.js";

/** How sessions of a pool end when nobody stops them (ARM `lifecycleConfiguration`). */
export type Lifecycle =
  | { type: "Timed"; cooldownMs: number }
  | { type: "OnContainerExit"; maxAliveMs: number };

/** What a pool is made of. */
export interface PoolSettings {
  name: string;
  spec: InstanceSpec;
  maxConcurrentSessions: number;
  /** Instances kept ready for new identifiers. */
  readySessionInstances: number;
  lifecycle: Lifecycle;
}

/** What a pool tells the log. */
export type PoolEvent = { pool: string } & (
  | ({ type: "transition" } & Transition)
  | { type: "failure"; identifier: string | undefined; what: string; error: unknown }
);

/** What the parts of an emulator have in common. */
export interface PoolContext {
  runtime: SessionRuntime;
  clock: Clock;
  limiter: Limiter;
  onEvent(event: PoolEvent): void;
}

/** How new identifiers were served since the pool began. */
export interface AllocationCounts {
  /** By an instance that was ready. */
  warm: number;
  /** By an instance that was on its way. */
  warming: number;
  /** By an instance made for them. */
  cold: number;
  failed: number;
}
