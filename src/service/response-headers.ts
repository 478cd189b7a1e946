import type { Dialect } from "./api-version.js";

/** Value of the `api-supported-versions` header, by the wire of the route (api-reference 3.1). */
export function supportedVersions(dialect: Dialect | "management"): string {
  switch (dialect) {
    case "G0":
    case "G1":
      return "2023-08-01-preview, 2024-02-02-preview";
    case "2024-10-02-preview":
      return "2024-10-02-preview";
    case "management":
      return "2025-02-02-preview";
    case "2025-02-02-preview":
    case "2025-10-02-preview":
      return "2025-02-02-preview, 2025-10-02-preview";
  }
}

/**
 * Headers that every answer of a plane carries: built-in pools as in recordings A1–A3, the
 * `.management` calls of custom pools as in recordings B5. For a request that failed before its
 * dialect was known, pass the newest version.
 *
 * @param options.correlationId a GUID, new for every request
 */
export function commonHeaders(options: {
  dialect: Dialect | "management";
  correlationId: string;
}): Record<string, string> {
  const { dialect, correlationId } = options;
  if (dialect === "management") {
    return { server: "Kestrel", "api-supported-versions": supportedVersions(dialect) };
  }
  return {
    server: "Microsoft-IIS/10.0",
    "x-powered-by": "ASP.NET",
    "api-supported-versions": supportedVersions(dialect),
    "mise-correlation-id": correlationId,
    vary: "Accept-Encoding",
  };
}

/** Where the time of one execution went. Milliseconds; fractions allowed. */
export interface ExecutionTimings {
  /** Waiting for a session to be allocated. */
  allocation: number;
  /** Tries beyond the first. */
  allocationRetries: number;
  /** Between allocation and the request to the container. */
  preparation: number;
  /** From the request to the container until its answer began. */
  executionRequest: number;
  /** Reading the container's answer. */
  executionReadResponse: number;
  /** What the container says the code took. */
  containerExecution: number;
  /** The whole exchange with the container. */
  overallExecution: number;
  /** From the arrival of the request to the answer. */
  totalExecutionService: number;
}

/**
 * Headers that only executions of built-in pools carry (api-reference 6, recordings A1.1).
 *
 * @param options.sessionGuid stable GUID of the session
 * @param options.newAllocation true when this request created the session
 */
export function timingHeaders(
  timings: ExecutionTimings,
  options: { sessionGuid: string; newAllocation: boolean },
): Record<string, string> {
  return {
    "x-ms-allocation-retries": String(timings.allocationRetries),
    "x-ms-allocation-time": milliseconds(timings.allocation),
    "x-ms-container-execution-duration": milliseconds(Math.round(timings.containerExecution)),
    "x-ms-execution-read-response-time": milliseconds(timings.executionReadResponse),
    "x-ms-execution-request-time": milliseconds(Math.round(timings.executionRequest)),
    "x-ms-new-allocation": String(options.newAllocation),
    "x-ms-overall-execution-time": milliseconds(timings.overallExecution),
    "x-ms-preparation-time": milliseconds(timings.preparation),
    "x-ms-session-guid": options.sessionGuid,
    "x-ms-total-execution-service-time": milliseconds(timings.totalExecutionService),
  };
}

/** Ticks of 100 ns are the finest that the service shows: four decimals, no trailing zeros, no exponent. */
function milliseconds(value: number): string {
  return String(Math.max(0, Math.round(value * 10_000)) / 10_000);
}
