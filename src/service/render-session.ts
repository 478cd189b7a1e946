import type { OperationOf } from "./operation.js";
import { knownTimestamp, type SessionSummary, sessionPage } from "./session-page.js";
import type { Moment } from "./timestamp.js";
import { emptyAnswer, jsonAnswer, type WireAnswer } from "./wire-answer.js";

/** The answer to `GET session` of a built-in pool (recordings E14; the etag header: E27). */
export function renderSession(session: SessionSummary): WireAnswer {
  const value = { ...summary(session), etag: session.etag };
  return jsonAnswer(200, value, { "x-ms-session-etag": session.etag });
}

/** The answer to `DELETE session` (recordings E13). */
export function renderDeletedSession(): WireAnswer {
  return emptyAnswer(204);
}

/**
 * The answer to `listSessions` of a built-in pool (recordings E15): no etags, `nextLink` only when there is more.
 *
 * @param all every session of the pool, in a stable order
 * @param poolUrl the pool's absolute URL without a trailing slash
 */
export function renderSessionList(
  operation: OperationOf<"listSessions">,
  all: readonly SessionSummary[],
  poolUrl: string,
): WireAnswer {
  const { sessions, nextSkip } = sessionPage(all, operation.skip);
  const value = { sessions: sessions.map(summary) };
  if (nextSkip === undefined) return jsonAnswer(200, value);
  const query = new URLSearchParams({ "api-version": operation.apiVersion, skip: String(nextSkip) });
  return jsonAnswer(200, { ...value, nextLink: `${poolUrl}/listSessions?${query}` });
}

/** A name and its version. */
export interface NamedVersion {
  name: string;
  version: string;
}

/** What a built-in pool says about its image. */
export interface PoolMetadata {
  runtimes: NamedVersion[];
  preInstalledPackages: NamedVersion[];
  createdAt: Moment;
  lastUpdatedAt: Moment;
  /** Absent for Shell. */
  jupyterKernel?: NamedVersion & { projectUrl: string; description: string };
}

/**
 * The answer to `metadata` (api-reference 7). A Shell pool tells its times first, without `Z`, and no kernel
 * (recordings E26).
 */
export function renderPoolMetadata(operation: OperationOf<"metadata">, metadata: PoolMetadata): WireAnswer {
  const { runtimes, preInstalledPackages, jupyterKernel } = metadata;
  const createdAt = knownTimestamp(metadata.createdAt);
  const lastUpdatedAt = knownTimestamp(metadata.lastUpdatedAt);
  if (operation.containerType === "Shell") {
    return jsonAnswer(200, {
      createdAt: createdAt.replace(/Z$/, ""),
      lastUpdatedAt: lastUpdatedAt.replace(/Z$/, ""),
      runtimes,
      preInstalledPackages,
    });
  }
  return jsonAnswer(200, {
    runtimes,
    preInstalledPackages,
    createdAt,
    lastUpdatedAt,
    ...(jupyterKernel === undefined ? {} : { jupyterKernel }),
  });
}

function summary(session: SessionSummary): Record<string, unknown> {
  return {
    identifier: session.identifier,
    createdAt: knownTimestamp(session.createdAt),
    lastAccessedAt: knownTimestamp(session.lastAccessedAt),
    expireAt: knownTimestamp(session.expiresAt),
  };
}
