import { PoolBusyError, PoolClosedError, PoolFullError } from "../pool/errors.js";
import type { Lease } from "../pool/lease.js";
import { RuntimeError } from "../runtime/runtime.js";
import { ServiceError } from "../service/service-error.js";
import type { RequestFacts } from "./request-facts.js";
import type { ServedPool } from "./served-pool.js";

/**
 * Acquires the session of an identifier, with the pool's refusals in the service's words: custom pools
 * answer text, built-in ones JSON (api-reference 1.2).
 */
export async function acquireLease(
  served: ServedPool,
  identifier: string,
  facts: RequestFacts,
): Promise<Lease> {
  facts.identifier = identifier;
  try {
    const lease = await served.pool.acquire(identifier);
    facts.container = lease.instance.name;
    // A request that was answered by a second session had to wait for both.
    facts.newSession = lease.isNew || facts.newSession === true;
    facts.allocationMs = (facts.allocationMs ?? 0) + Math.round(lease.allocationMs);
    return lease;
  } catch (error) {
    throw asServiceError(served, identifier, error, facts);
  }
}

function asServiceError(
  served: ServedPool,
  identifier: string,
  error: unknown,
  facts: RequestFacts,
): unknown {
  const custom = served.config.containerType === "CustomContainer";
  const pool = served.config.name;
  if (error instanceof PoolFullError) {
    const { active, maximum } = error;
    return custom
      ? new ServiceError("customPoolFull", { identifier, pool, active, maximum })
      : new ServiceError("sessionsLimit", { active, maximum });
  }
  if (error instanceof PoolBusyError) {
    const { waiting } = error;
    return custom
      ? new ServiceError("customPoolBusy", { identifier, pool, waiting })
      : new ServiceError("poolBusy", { waiting });
  }
  if (error instanceof PoolClosedError) {
    return new ServiceError(custom ? "customPoolClosing" : "poolClosing", { pool });
  }
  if (error instanceof RuntimeError) {
    if (error.details) facts.containerLog = error.details;
    const cause = error.details ? `${error.message}. Last log lines: ${error.details}` : error.message;
    return new ServiceError(custom ? "customAllocationFailed" : "allocationFailed", {
      identifier,
      pool,
      cause,
    });
  }
  return error;
}
