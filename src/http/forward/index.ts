/**
 * The transparent path from a client to the program in a container: requests with streaming in both
 * directions, and upgraded connections.
 */
export { ForwardError, type ForwardErrorKind } from "./forward-error.js";
export type { ForwardEnd, ForwardOutcome } from "./outcome.js";
export { isOptionalUpgrade, serveWithoutUpgrade } from "./plain-request.js";
export { type ForwardOptions, forwardRequest } from "./request.js";
export { forwardUpgrade, responseOnSocket, type UpgradeOptions } from "./upgrade.js";
