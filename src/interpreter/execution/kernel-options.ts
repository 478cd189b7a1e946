import type { Log } from "../log.js";
import type { KernelServer } from "./kernel-server.js";
import type { PrepareStep } from "./prepare.js";

/** Settings of one kernel. */
export interface KernelOptions {
  server: KernelServer;
  /** Kernelspec name. */
  name: string;
  /** What the kernel is for, in log lines. */
  role: string;
  log: Log;
  /** Longest message the server takes, in bytes. */
  maxMessageBytes: number;
  /** Code run right after each start, before any user's: preloaded libraries, then the probe's snippet. */
  prepare: PrepareStep[];
}

/** How a run shares its kernel with others. */
export interface RunOptions {
  /** Called when the run's turn has come. */
  onStart?: () => void;
  /** A WebSocket for this run alone, as asynchronous runs have (byoc 7.7). */
  ownSocket?: boolean;
}

/** What a kernel tells. */
export interface KernelEvents {
  /** The kernel can be neither restarted nor replaced, or does not exist. */
  hopeless: [Error];
}
