import type { RunOutcome } from "./outcome.js";

/** Life of an execution (byoc 3.3). */
export type OperationStatus = "NotStarted" | "Running" | "Succeeded" | "Failed";

/** One execution that can be asked for by its id. */
export interface Operation {
  readonly id: string;
  readonly identifier: string;
  /** In the client's own spelling. */
  readonly executionType: string;
  readonly outputLimit: number;
  readonly jupyterFormat: boolean;
  status: OperationStatus;
  outcome: RunOutcome | undefined;
}

/** Finished executions kept for polling. Results live only as long as the session (byoc 3.5). */
const KEPT = 500;
/** Together, the text and pictures of finished executions may take about this much; the oldest go first. */
const KEPT_CHARACTERS = 64 * 1024 * 1024;

/** The session's executions by id. Unfinished ones are never forgotten. */
export class Operations {
  private readonly byId = new Map<string, Operation>();

  get(id: string): Operation | undefined {
    return this.byId.get(id);
  }

  add(operation: Operation): void {
    this.byId.delete(operation.id);
    this.byId.set(operation.id, operation);
  }

  /** Records the end of an execution. */
  finish(operation: Operation, outcome: RunOutcome): void {
    operation.outcome = outcome;
    operation.status = outcome.error === undefined ? "Succeeded" : "Failed";
    this.forgetOldest();
  }

  private forgetOldest(): void {
    let kept = 0;
    let characters = 0;
    for (const operation of [...this.byId.values()].reverse()) {
      if (operation.outcome === undefined) continue;
      kept += 1;
      characters += weight(operation.outcome);
      const isNewest = kept === 1;
      if (!isNewest && (kept > KEPT || characters > KEPT_CHARACTERS)) this.byId.delete(operation.id);
    }
  }
}

function weight({ stdout, stderr, value, error }: RunOutcome): number {
  const result =
    typeof value === "object" && value !== null ? value.base64_data.length : String(value ?? "").length;
  return stdout.length + stderr.length + result + (error?.traceback.length ?? 0);
}
