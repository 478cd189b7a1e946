import type { Instance } from "../../runtime/runtime.js";
import {
  NEWEST_VERSION,
  type OperationOf,
  type PoolMetadata,
  parseExecution,
  renderPoolMetadata,
  ServiceError,
  type WireAnswer,
} from "../../service/index.js";
import type { MetadataReader } from "../app-context.js";
import type { Exchange } from "../exchange.js";
import type { ServedPool } from "../served-pool.js";
import { runInSession } from "./execute.js";
import { inspectionProgram, readReport } from "./inspection.js";

/** Starts an instance as a session of the pool has it, lends it for one use and destroys it. */
export type InstanceLoan = <Result>(
  served: ServedPool,
  use: (instance: Instance) => Promise<Result>,
) => Promise<Result>;

const INSPECTION_SECONDS = 60;
/** More than any list of packages has. */
const LARGEST_REPORT_BYTES = 4 * 2 ** 20;
/** No session's: the instance belongs to the emulator. */
const IDENTIFIER = "pool-metadata";

/**
 * Reads the facts of each pool once, in an instance of its own: no identifier's session is touched and none of the
 * pool's places is taken. Callers that come together share one inspection; one that failed is tried again.
 *
 * @param now the emulator's time, in milliseconds since the epoch
 */
export function metadataReader(loan: InstanceLoan, now: () => number): MetadataReader {
  const known = new Map<ServedPool, Promise<PoolMetadata>>();
  return (served) => {
    const reading = known.get(served) ?? loan(served, (instance) => inspect(served, instance, now));
    known.set(served, reading);
    reading.catch(() => known.delete(served));
    return reading;
  };
}

/** `GET metadata`: what the pool's image has (api-reference 7, recordings E26). */
export async function poolMetadata(
  { context, served }: Exchange,
  operation: OperationOf<"metadata">,
): Promise<WireAnswer> {
  try {
    return renderPoolMetadata(operation, await context.metadata(served));
  } catch (error) {
    if (error instanceof ServiceError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    const pool = served.config.name;
    throw new ServiceError("allocationFailed", { identifier: IDENTIFIER, pool, cause });
  }
}

async function inspect({ config }: ServedPool, instance: Instance, now: () => number): Promise<PoolMetadata> {
  const { containerType } = config;
  if (containerType === "CustomContainer") throw new Error("only built-in pools have metadata");
  const operation = {
    kind: "execute",
    dialect: NEWEST_VERSION,
    apiVersion: NEWEST_VERSION,
    containerType,
  } as const;
  const request = parseExecution(operation, {
    ...inspectionProgram(containerType),
    timeoutInSeconds: INSPECTION_SECONDS,
    outputStreamsMaxLength: LARGEST_REPORT_BYTES,
  });
  const ids = { identifier: IDENTIFIER, executionId: IDENTIFIER };
  const { outcome } = await runInSession({ instance, gaveNoAnswer: async () => undefined }, request, ids);
  const fail = (cause: string) => new ServiceError("interpreterFailed", { identifier: IDENTIFIER, cause });
  if (outcome.state !== "Succeeded") throw fail(outcome.stderr);
  // Both times of a recorded answer are one moment (recordings E26): here the one at which this was found out.
  const gatheredAt = now();
  try {
    const { runtimes, packages, kernel } = readReport(containerType, outcome.stdout);
    return {
      runtimes,
      preInstalledPackages: packages,
      createdAt: gatheredAt,
      lastUpdatedAt: gatheredAt,
      ...(kernel && { jupyterKernel: kernel }),
    };
  } catch {
    throw fail(`its image could not be inspected: ${outcome.stdout.slice(0, 200)}`);
  }
}
