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
  /** True only for pools with `sessionNetworkStatus: EgressEnabled`. */
  egress: boolean;
  probes: Probe[];
}

/** Why an instance is no longer running. */
export interface InstanceExit {
  exitCode: number;
  /** True when the kernel's out-of-memory killer ended it. */
  oomKilled: boolean;
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
   * Creates and starts an instance and waits until its readiness rule passes.
   * Leaves nothing behind when it fails or when `signal` fires.
   */
  create(spec: InstanceSpec, owner: InstanceOwner, signal: AbortSignal): Promise<Instance>;
  /** Ends an instance and removes everything that belongs to it. Safe to call twice. */
  destroy(instance: Instance): Promise<void>;
  /** Removes everything this runtime still holds. */
  close(): Promise<void>;
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
