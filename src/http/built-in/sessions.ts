import {
  type OperationOf,
  renderDeletedSession,
  renderSession,
  renderSessionList,
  requireIdentifier,
  ServiceError,
  type WireAnswer,
} from "../../service/index.js";
import type { Exchange } from "../exchange.js";
import { summaryOf } from "../session-summary.js";

/** `GET session`: looks without allocating and without prolonging the cooldown (api-reference 14 no. 23). */
export function getSession({ query, served, facts }: Exchange): WireAnswer {
  const identifier = requireIdentifier(query);
  facts.identifier = identifier;
  const session = served.pool.peek(identifier);
  if (!session) throw new ServiceError("sessionNotFound", { identifier });
  return renderSession(summaryOf(session));
}

/** `DELETE session`: its place in the pool is free at once. */
export async function deleteSession({ query, served, facts }: Exchange): Promise<WireAnswer> {
  const identifier = requireIdentifier(query);
  facts.identifier = identifier;
  if (!(await served.pool.stop(identifier, "DELETE session"))) {
    throw new ServiceError("sessionNotFound", { identifier });
  }
  return renderDeletedSession();
}

/** `GET listSessions`. */
export function listSessions(
  { served, poolUrl }: Exchange,
  operation: OperationOf<"listSessions">,
): WireAnswer {
  return renderSessionList(operation, served.pool.list().map(summaryOf), poolUrl);
}
