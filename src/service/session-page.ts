import { type Moment, serviceTimestamp } from "./timestamp.js";

/** A session as the answers about sessions tell it. */
export interface SessionSummary {
  identifier: string;
  /** Changes when the session does; a GUID will do. */
  etag: string;
  createdAt: Moment;
  lastAccessedAt: Moment;
  /** Last access plus cooldown, or the end of the longest life. */
  expiresAt: Moment;
}

/** Sessions in one page of a list (api-reference 9.3). */
export const SESSIONS_PER_PAGE = 300;

/** One page of sessions. */
export interface SessionPage {
  sessions: readonly SessionSummary[];
  /** `skip` of the next page; absent on the last one. */
  nextSkip?: number;
}

/** Cuts a page out of all sessions, which must come in an order that stays the same between two calls. */
export function sessionPage(all: readonly SessionSummary[], skip: number): SessionPage {
  const end = skip + SESSIONS_PER_PAGE;
  const sessions = all.slice(skip, end);
  return end < all.length ? { sessions, nextSkip: end } : { sessions };
}

/** A moment that the emulator itself made, so that it is always one. */
export function knownTimestamp(moment: Moment): string {
  const timestamp = serviceTimestamp(moment);
  if (timestamp === undefined) throw new TypeError(`not a moment: ${String(moment)}`);
  return timestamp;
}
