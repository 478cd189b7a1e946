import type { Probe } from "../runtime/runtime.js";

/** ARM's `containerType`s that the emulator offers. */
export type ContainerType = "PythonLTS" | "NodeLTS" | "Shell" | "CustomContainer";

/** One pool after validation: every default filled in, units as named. ARM's own property names. */
export interface PoolConfig {
  name: string;
  containerType: ContainerType;
  image: string;
  targetPort: number;
  maxConcurrentSessions: number;
  readySessionInstances: number;
  lifecycleType: "Timed" | "OnContainerExit";
  cooldownPeriodInSeconds: number;
  maxAlivePeriodInSeconds: number;
  sessionNetworkStatus: "EgressDisabled" | "EgressEnabled";
  /** CPU cores. */
  cpu: number;
  /** Memory limit in bytes. */
  memoryBytes: number;
  /** Bytes that a session may write to its own file system, where the engine can limit it. */
  ephemeralStorageBytes: number;
  command?: string[];
  args?: string[];
  env: Record<string, string>;
  probes: Probe[];
  /** Custom pools only: forward the caller's `Authorization` header into the container. */
  forwardAuthorization: boolean;
  /** Serve MCP at `/mcp`. Custom pools: an extension; the path is forwarded unless this is set. */
  isMcpServerEnabled: boolean;
}
