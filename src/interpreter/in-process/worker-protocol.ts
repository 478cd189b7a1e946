import type { Message } from "../jupyter/messages.js";

/** What the thread of an in-process kernel is started with (its `workerData`). */
export interface KernelWorkerData {
  /** Folder of the host that the user's code sees as `/mnt/data`. */
  dataFolder: string;
  /** Folder of the host that the user's code sees as its home. */
  homeFolder: string;
  /** Bytes that the user's code may take. */
  memoryBytes: number;
  /** One byte: 2 (SIGINT) asks the code that runs to stop; the kernel sets it back to 0. */
  interrupt: SharedArrayBuffer;
  /** Folder with wheels that the user's code may import. */
  wheelsFolder?: string;
  /** Folder of the Python distribution; only the Python kernel looks at it. */
  pyodideFolder?: string;
  /** Folder where a snapshot of the started Python may be; only the Python kernel looks at it. */
  snapshotFolder?: string;
}

/** To the kernel: one Jupyter request (`execute_request`, `kernel_info_request`, …) on `shell` or `control`. */
export interface ToKernel {
  request: Message;
}

/**
 * From the kernel: every message that a Jupyter kernel sends, `status` and `*_reply` included, in order, with the
 * request's header as `parent_header`; or that it can never be of use.
 */
export type FromKernel = { message: Message } | { hopeless: string };
