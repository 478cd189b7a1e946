import { queryValue } from "./query.js";
import { ServiceError } from "./service-error.js";

/**
 * How one answer is shaped. `G0` is the undocumented spring-2024 wire (`python/execute`, flat, `$values`),
 * `G1` everything up to 2024-08-02-preview (`code/execute`, wrapped in `properties`), the rest are the
 * api-versions that share the `executions` routes.
 */
export type Dialect = "G0" | "G1" | FlatVersion;

/** Api-versions of the `executions` routes, oldest first. */
export type FlatVersion = "2024-10-02-preview" | "2025-02-02-preview" | "2025-10-02-preview";

const LEGACY_VERSIONS: ReadonlySet<string> = new Set([
  "2023-08-01-preview",
  "2023-11-02-preview",
  "2024-02-02-preview",
  "2024-08-02-preview",
]);
const FLAT_VERSIONS: readonly FlatVersion[] = [
  "2024-10-02-preview",
  "2025-02-02-preview",
  "2025-10-02-preview",
];

/** The first api-version that has the `executions` routes. */
export const FIRST_FLAT_VERSION: FlatVersion = "2024-10-02-preview";
/** What an unknown or absent api-version is read as. */
export const NEWEST_VERSION: FlatVersion = "2025-10-02-preview";

/** Every api-version that the emulator knows, oldest first. */
export const KNOWN_VERSIONS: readonly string[] = [...LEGACY_VERSIONS, ...FLAT_VERSIONS];

/** An api-version after reading the query. */
export interface ApiVersion {
  /** `legacy` up to 2024-08-02-preview, else the version that decides the answer's shape. */
  generation: "legacy" | FlatVersion;
  /** What the caller wrote; the newest version when nothing was written. */
  text: string;
  /** True when the query carries one, known or not. */
  given: boolean;
  /** For the log: why the version in use is not the one that was asked for. */
  note?: string;
}

/**
 * Reads `api-version`. An unknown one counts as the newest, with a note for the log.
 *
 * @throws ServiceError `unknownApiVersion` when `strict` and the version is unknown (401, empty body: recordings E16).
 */
export function readApiVersion(query: URLSearchParams, options: { strict: boolean }): ApiVersion {
  const text = queryValue(query, "api-version") ?? "";
  if (text === "") {
    return {
      generation: NEWEST_VERSION,
      text: NEWEST_VERSION,
      given: false,
      note: `no api-version: answered as ${NEWEST_VERSION}`,
    };
  }
  const wanted = text.toLowerCase();
  if (LEGACY_VERSIONS.has(wanted)) return { generation: "legacy", text, given: true };
  const flat = FLAT_VERSIONS.find((version) => version === wanted);
  if (flat !== undefined) return { generation: flat, text, given: true };
  if (options.strict) throw new ServiceError("unknownApiVersion", { version: text });
  return {
    generation: NEWEST_VERSION,
    text,
    given: true,
    note: `unknown api-version '${text}': answered as ${NEWEST_VERSION}`,
  };
}
