import type { Endpoint } from "./endpoint.js";

/** One readiness or liveness rule, as in ARM's `containers[].probes[]` (api-versions ≥ 2025-02-02-preview). */
export interface Probe {
  type: "Liveness" | "Startup";
  httpGet?: {
    path: string;
    port: number;
    scheme: "HTTP" | "HTTPS";
    httpHeaders: { name: string; value: string }[];
  };
  tcpSocket?: { port: number };
  /** Seconds before the first try. */
  initialDelaySeconds: number;
  /** Seconds between two tries. */
  periodSeconds: number;
  /** Seconds one try may take. */
  timeoutSeconds: number;
  failureThreshold: number;
  successThreshold: number;
}

/** What an instance is started from. Everything a runtime needs, nothing about identifiers or HTTP. */
export interface InstanceSpec {
  /** Pool name, for labels and names. */
  pool: string;
  image: string;
  /** Replaces the image's entrypoint when given. */
  command?: string[];
  /** Replaces the image's default arguments when given. */
  args?: string[];
  env: Record<string, string>;
  /** Port that the program inside listens on. */
  targetPort: number;
  /** CPU cores, fractions allowed. */
  cpu: number;
  /** Memory limit in bytes. */
  memoryBytes: number;
  /** Bytes that the instance may write to its own file system. */
  diskBytes: number;
  /** True only for pools with `sessionNetworkStatus: EgressEnabled`. */
  egress: boolean;
  probes: Probe[];
}

/** Why an instance is no longer running. */
export interface InstanceExit {
  exitCode: number;
  /** True when the kernel's out-of-memory killer ended it. */
  oomKilled: boolean;
  /** The same in words, for the log. */
  reason: string;
}

/** One running sandbox. */
export interface Instance {
  /** The runtime's own id (a container id for Docker). */
  readonly id: string;
  /** Human-readable name, `dse-<pool>-<short id>`. */
  readonly name: string;
  readonly endpoint: Endpoint;
  /** Settles once, when the program inside ends for whatever reason. Never rejects. */
  readonly exited: Promise<InstanceExit>;
}

/** What a restarted emulator must know of a session. Times are milliseconds since the epoch. */
export interface SessionRecord {
  pool: string;
  identifier: string;
  createdAt: number;
  lastAccessedAt: number;
}

/** Names an instance for the runtime's labels and logs. */
export interface InstanceOwner {
  /** The identifier that the instance is started for; absent for a warm instance. */
  identifier?: string;
}

/**
 * Starts and destroys sandboxes. Exactly the operations that the pool uses.
 * Every failure is a {@link RuntimeError}.
 */
export interface SessionRuntime {
  readonly kind: "docker" | "embedded";
  /**
   * Makes sure that instances of `spec` can be started: builds the project's own images, pulls others.
   * @param onProgress one line of text at a time, for a person who waits
   */
  prepare(spec: InstanceSpec, onProgress: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** What is missing before an instance of `spec` could be started, in words; undefined when nothing is. */
  missing(spec: InstanceSpec): Promise<string | undefined>;
  /**
   * The limits of a spec that this runtime cannot put in force, each with the reason in words; empty when it
   * keeps them all.
   */
  limitsNotInForce(): Promise<string[]>;
  /**
   * Creates and starts an instance and waits until its readiness rule passes.
   * Leaves nothing behind when it fails or when `signal` fires.
   */
  create(spec: InstanceSpec, owner: InstanceOwner, signal: AbortSignal): Promise<Instance>;
  /** Stops the instance's processes without ending them; it holds its memory and nothing else. */
  pause(instance: Instance): Promise<void>;
  /** Whether anybody listens on the instance's target port. */
  listens(instance: Instance): Promise<boolean>;
  /** Lets a paused instance go on. */
  resume(instance: Instance): Promise<void>;
  /** Writes down whose an instance is, where {@link recover} of a later emulator finds it. */
  remember(instance: Instance, record: SessionRecord): Promise<void>;
  /**
   * Instances that an earlier emulator with the same state left running for their identifiers and whose pool is
   * still the same. Everything else that it left is removed.
   */
  recover(specs: readonly InstanceSpec[]): Promise<{ instance: Instance; record: SessionRecord }[]>;
  /**
   * Ends an instance and removes everything that belongs to it. Safe to call twice. Rejects when that cannot be
   * done now; the runtime does it by itself as soon as it can.
   */
  destroy(instance: Instance): Promise<void>;
  /**
   * Lets go of everything. Removes what it still holds, unless `keep` leaves the instances to a later emulator.
   */
  close(options?: { keep: boolean }): Promise<void>;
}

/** What went wrong, for the answer's status and for the fix that the message names. */
export type RuntimeFailure =
  | "image-missing"
  | "start-failed"
  | "exited-at-start"
  | "not-listening"
  | "unhealthy"
  | "engine-unavailable"
  | "aborted";

/** A failure of the runtime. `message` is one line for a person; `details` holds log lines of the instance. */
export class RuntimeError extends Error {
  override readonly name = "RuntimeError";
  constructor(
    readonly failure: RuntimeFailure,
    message: string,
    readonly details: string = "",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
