import type { Dialect } from "./api-version.js";

/** Gives each object of one answer its `$id` member, or none; spread it first into the object. */
export type ReferenceIds = () => { $id?: string };

/**
 * Numbers objects in document order as the service's serialiser did until 2024-10-02-preview (recordings A1.1,
 * A3.1, F5); later versions have no `$id` (api-reference 14 no. 10). Spread a parent's id before its children's.
 */
export function referenceIds(dialect: Dialect): ReferenceIds {
  if (dialect === "2025-02-02-preview" || dialect === "2025-10-02-preview") return () => ({});
  let last = 0;
  return () => {
    last += 1;
    return { $id: String(last) };
  };
}
