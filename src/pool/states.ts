/**
 * Where an instance is in its life (design, section 3). An instance that an identifier has touched
 * never becomes `ready` again, so no identifier ever sees what another one left.
 */
export type SessionState = "warming" | "ready" | "allocated" | "stopping" | "gone" | "failed";

const LEGAL: Readonly<Record<SessionState, readonly SessionState[]>> = {
  warming: ["ready", "allocated", "stopping", "failed"],
  ready: ["allocated", "stopping", "failed"],
  allocated: ["stopping", "failed"],
  stopping: ["gone"],
  failed: ["gone"],
  gone: [],
};

/** True when the life of an instance may go from one state to the other. */
export function isLegalTransition(from: SessionState, to: SessionState): boolean {
  return LEGAL[from].includes(to);
}
