import { ServiceError } from "./service-error.js";

/**
 * Parses a JSON body. An empty one is `undefined`: what that means is for the operation to say.
 *
 * @throws ServiceError `jsonMalformed`
 */
export function parseJsonBody(text: string): unknown {
  const json = text.replace(/^\uFEFF/, "").trim();
  if (json === "") return undefined;
  try {
    return JSON.parse(json);
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown reason";
    throw new ServiceError("jsonMalformed", { reason: reason.slice(0, 200) });
  }
}

/**
 * A member of a JSON object, its name in any letter case (the service's JSON reader does not tell them apart);
 * `undefined` when there is none, when it is null, or when `value` is no object.
 */
export function memberOf(value: unknown, name: string): unknown {
  if (!isJsonObject(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name] ?? undefined;
  const wanted = name.toLowerCase();
  const key = Object.keys(value).find((candidate) => candidate.toLowerCase() === wanted);
  return key === undefined ? undefined : (value[key] ?? undefined);
}

/** True for `{…}`, false for arrays, null and scalars. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
