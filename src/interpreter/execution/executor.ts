import { v7 as uuid } from "uuid";
import type { Kernel } from "./kernel.js";
import { type Operation, Operations } from "./operations.js";
import type { RunOutcome } from "./outcome.js";

/** The kernels of a session, and where asynchronous runs go. */
export interface Kernels {
  main: Kernel;
  /** Without preloaded libraries, for `useEmptyKernel`. */
  empty: Kernel;
  /**
   * A kernel for asynchronous runs: isolated, really concurrent. Without it they run on the main kernel:
   * in a subshell of their own, or queued behind everything else.
   */
  asynchronous: Kernel | "subshell" | "queue";
}

/** One execution as the API hands it over. */
export interface ExecutionOrder {
  id: string | undefined;
  identifier: string;
  code: string;
  executionType: string;
  asynchronous: boolean;
  timeoutSeconds: number;
  outputLimit: number;
  useEmptyKernel: boolean;
  jupyterFormat: boolean;
}

/** A second unfinished execution was given the id of another. */
export class DuplicateIdError extends Error {
  override readonly name = "DuplicateIdError";
}

/** Runs executions on the right kernel and remembers them by id. */
export class Executor {
  private readonly operations = new Operations();

  constructor(readonly kernels: Kernels) {}

  /**
   * Starts an execution. It runs to its own end or timeout, whether or not anybody waits for `done`.
   *
   * @throws DuplicateIdError
   */
  submit(order: ExecutionOrder): { operation: Operation; done: Promise<Operation> } {
    const id = order.id ?? uuid();
    const earlier = this.operations.get(id);
    if (earlier !== undefined && earlier.outcome === undefined) {
      throw new DuplicateIdError(
        `An execution with operation Id '${id}' is still running. Choose another id.`,
      );
    }
    const operation: Operation = {
      id,
      identifier: order.identifier,
      executionType: order.executionType,
      outputLimit: order.outputLimit,
      jupyterFormat: order.jupyterFormat,
      status: "NotStarted",
      outcome: undefined,
    };
    this.operations.add(operation);
    return { operation, done: this.run(operation, order) };
  }

  /** An execution of this session by id. */
  find(id: string): Operation | undefined {
    return this.operations.get(id);
  }

  private async run(operation: Operation, order: ExecutionOrder): Promise<Operation> {
    const outcome = await this.place(order, () => {
      operation.status = "Running";
    });
    this.operations.finish(operation, outcome);
    return operation;
  }

  private place(order: ExecutionOrder, onStart: () => void): Promise<RunOutcome> {
    const { main, empty, asynchronous } = this.kernels;
    const request = { ...order, storeHistory: true };
    const ownSocket = order.asynchronous;
    if (order.useEmptyKernel) return empty.run(request, { onStart, ownSocket });
    if (!order.asynchronous) return main.run(request, { onStart });
    if (asynchronous === "subshell") return main.runBeside(request, onStart);
    return (asynchronous === "queue" ? main : asynchronous).run(request, { onStart, ownSocket });
  }
}
