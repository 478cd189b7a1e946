import { v5 as uuidV5 } from "uuid";
import type { SessionView } from "../pool/session.js";
import type { SessionSummary } from "../service/session-page.js";

/** Namespace of the GUIDs that the emulator derives from names. */
const NAMESPACE = "6f1d2a52-3f7e-5c1b-9a53-0d6e5f0c9b11";

/** The GUID of a session: one and the same for as long as its instance lives (recordings A1.1). */
export function sessionGuid(instanceId: string): string {
  return uuidV5(instanceId, NAMESPACE);
}

/** A session in the terms of the service. */
export function summaryOf(view: SessionView): SessionSummary {
  return {
    identifier: view.identifier,
    etag: uuidV5(`${view.pool} ${view.identifier} ${view.createdAt} ${view.lastAccessedAt}`, NAMESPACE),
    createdAt: new Date(view.createdAt),
    lastAccessedAt: new Date(view.lastAccessedAt),
    expiresAt: new Date(view.expiresAt),
  };
}
