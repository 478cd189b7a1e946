import { v7 as uuid } from "uuid";
import type { Kernel } from "./kernel.js";
import { type Operation, Operations } from "./operations.js";

/** The kernels of a session. Those that are not configured are missing. */
export interface Kernels {
  main: Kernel;
  /** Without preloaded libraries, for `useEmptyKernel`. */
  empty: Kernel | undefined;
  /** For asynchronous runs; without it they queue on the main kernel. */
  asynchronous: Kernel | undefined;
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
    const { main, empty, asynchronous } = this.kernels;
    const chosen = order.asynchronous ? asynchronous : order.useEmptyKernel ? empty : main;
    const outcome = await (chosen ?? main).run({ ...order, storeHistory: true }, () => {
      operation.status = "Running";
    });
    this.operations.finish(operation, outcome);
    return operation;
  }
}
