import { readApiVersion } from "./api-version.js";
import { requireCustomIdentifier } from "./identifier.js";
import { pathSegments } from "./path-segments.js";
import { skipOf } from "./query.js";
import { ServiceError } from "./service-error.js";
import { knownTimestamp, type SessionSummary, sessionPage } from "./session-page.js";
import { jsonAnswer, textAnswer, type WireAnswer } from "./wire-answer.js";

/** One call below `/.management/` of a custom container pool (api-reference 9.3). None of them creates a session. */
export type ManagementOperation = { note?: string } & (
  | { kind: "stopSession"; identifier: string }
  | { kind: "getSession"; identifier: string }
  | { kind: "listSessions"; skip: number }
);

/** A request to a custom container pool, as far as its own calls depend on it. */
export interface ManagementRequest {
  method: string;
  /** Raw path after the pool's prefix, without the query. */
  path: string;
  query: URLSearchParams;
  /** Refuse unknown api-versions. An absent one is accepted: the service's own `nextLink` has none. */
  strict: boolean;
}

/**
 * True for every path that the pool answers itself and never forwards, however its first segment is written.
 *
 * @throws ServiceError `pathMalformed`
 */
export function isManagementPath(path: string): boolean {
  const first = path.split("/").find((segment) => segment !== "") ?? "";
  return pathSegments(first)[0]?.toLowerCase() === ".management";
}

/**
 * Understands a request below `/.management/`.
 *
 * @throws ServiceError `managementUnsupported`, `identifierMissingCustom`, `identifierLength`,
 *   `identifierCharacters`, `queryInvalid`, `unknownApiVersion`, `pathMalformed`
 */
export function routeManagement(request: ManagementRequest): ManagementOperation {
  const { method, path, query, strict } = request;
  const words = pathSegments(path).map((segment) => segment.toLowerCase());
  const call = method.toUpperCase() === "POST" && words.length === 2 ? words[1] : undefined;
  const kind = CALLS.find((known) => known.toLowerCase() === call);
  if (kind === undefined) {
    throw new ServiceError("managementUnsupported", {
      method: method.toUpperCase(),
      path: path.slice(0, 200),
    });
  }
  const { given, note } = readApiVersion(query, { strict });
  const common = given && note !== undefined ? { note } : {};
  if (kind === "listSessions") return { ...common, kind, skip: skipOf(query) };
  return { ...common, kind, identifier: requireCustomIdentifier(query) };
}

const CALLS = ["stopSession", "getSession", "listSessions"] as const;

/** The answer to `stopSession` (recordings B5, F1). For a session that is not there: `stopSessionNotFound`. */
export function renderStoppedSession(options: { identifier: string; pool: string }): WireAnswer {
  return textAnswer(200, `Session ${options.identifier} in session pool ${options.pool} stopped.`);
}

/** The answer to `getSession` (recordings F1). For a session that is not there: `managedSessionNotFound`. */
export function renderManagedSession(session: SessionSummary): WireAnswer {
  return jsonAnswer(200, managedSummary(session));
}

/**
 * The answer to `listSessions`: pages of 300; `nextLink` is null on the last one (recordings F1).
 *
 * @param all every session of the pool, in a stable order
 * @param poolUrl the pool's absolute URL without a trailing slash
 */
export function renderManagedSessionList(
  operation: Extract<ManagementOperation, { kind: "listSessions" }>,
  all: readonly SessionSummary[],
  poolUrl: string,
): WireAnswer {
  const { sessions, nextSkip } = sessionPage(all, operation.skip);
  return jsonAnswer(200, {
    value: sessions.map(managedSummary),
    count: sessions.length,
    nextLink: nextSkip === undefined ? null : `${poolUrl}/.management/listSessions?skip=${nextSkip}`,
  });
}

function managedSummary(session: SessionSummary): Record<string, unknown> {
  return {
    identifier: session.identifier,
    etag: session.etag,
    expiresAt: knownTimestamp(session.expiresAt),
    createdAt: knownTimestamp(session.createdAt),
    lastAccessedAt: knownTimestamp(session.lastAccessedAt),
  };
}
