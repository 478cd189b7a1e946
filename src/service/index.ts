/**
 * Azure's wire format for built-in pools, the `.management` calls of custom pools, and every error. Pure:
 * ids, times and other parts' answers are passed in.
 *
 * A request goes `routeBuiltIn` → `requireIdentifier` → (`parseJsonBody` → `parseExecution` →
 * `toInterpreterExecution`) or `toInterpreterFile` → the session → `readExecution` or `readFileEntries` →
 * `render…`. Whatever is refused is a `ServiceError`, for `renderError`.
 */
export * from "./api-version.js";
export * from "./error-catalogue.js";
export type { CatalogueEntry, ErrorParameters, ErrorShape } from "./error-parts.js";
export * from "./execution-request.js";
export * from "./file-entry.js";
export * from "./file-location.js";
export * from "./identifier.js";
export * from "./interpreter-answer.js";
export * from "./interpreter-request.js";
export { parseJsonBody } from "./json-body.js";
export * from "./management.js";
export { answerMcp, isMcpPath, type McpPool } from "./mcp.js";
export * from "./operation.js";
export { queryValue } from "./query.js";
export * from "./render-execution.js";
export * from "./render-files.js";
export * from "./render-session.js";
export * from "./response-headers.js";
export * from "./routes.js";
export * from "./service-error.js";
export { SESSIONS_PER_PAGE, type SessionSummary } from "./session-page.js";
export { type Moment, serviceTimestamp } from "./timestamp.js";
export * from "./wire-answer.js";
