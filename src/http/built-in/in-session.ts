import type { Lease } from "../../pool/lease.js";
import { ServiceError } from "../../service/index.js";
import type { Exchange } from "../exchange.js";
import { acquireLease } from "../lease.js";
import { InterpreterSilent, InterpreterUnreachable } from "./interpreter-call.js";

/** How a session may be used. */
export interface SessionUse {
  /**
   * The use changes nothing: when the session ends under it, by a deletion for one, the identifier's next session
   * answers, as if the request had come a moment later.
   */
  onlyReads: boolean;
}

/**
 * Uses the session of an identifier for one call.
 * @throws ServiceError `interpreterFailed` when the session gives no answer, and what {@link acquireLease} throws
 */
export async function inSession<T>(
  exchange: Exchange,
  identifier: string,
  { onlyReads }: SessionUse,
  use: (lease: Lease) => Promise<T>,
): Promise<T> {
  const attempt = async (): Promise<T> => {
    const lease = await acquireLease(exchange.served, identifier, exchange.facts);
    try {
      return await use(lease);
    } catch (error) {
      if (error instanceof InterpreterUnreachable) await lease.gaveNoAnswer();
      throw error;
    } finally {
      lease.release();
    }
  };
  try {
    return await attempt().catch((error: unknown) => {
      if (onlyReads && error instanceof InterpreterUnreachable) return attempt();
      throw error;
    });
  } catch (error) {
    const silent = error instanceof InterpreterUnreachable || error instanceof InterpreterSilent;
    throw silent ? new ServiceError("interpreterFailed", { identifier, cause: error.message }) : error;
  }
}
