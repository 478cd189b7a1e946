import type { z } from "zod";
import { envListSchema, envMapSchema } from "./pools-schema.js";
import type { Report } from "./resolve-pool.js";
import { suggest } from "./suggest.js";

/**
 * `env` as a map or as ARM's list of `{name, value, secretRef}` → the variables of a session.
 * @param secrets values by secret name, for `secretRef`
 * @param reject takes zod's issues, with paths inside `env`
 */
export function resolveEnv(
  written: unknown,
  secrets: ReadonlyMap<string, string>,
  report: Report,
  reject: (error: z.ZodError) => void,
): Record<string, string> {
  if (written === undefined || written === null) return {};
  return Array.isArray(written)
    ? fromList(written, secrets, report, reject)
    : fromMap(written, report, reject);
}

function fromMap(
  written: unknown,
  report: Report,
  reject: (error: z.ZodError) => void,
): Record<string, string> {
  const map = envMapSchema.safeParse(written);
  if (!map.success) {
    reject(map.error);
    return {};
  }
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(map.data)) {
    if (value === null) warnEmpty(["env", name], report);
    variables[name] = value ?? "";
  }
  return variables;
}

function fromList(
  written: unknown[],
  secrets: ReadonlyMap<string, string>,
  report: Report,
  reject: (error: z.ZodError) => void,
): Record<string, string> {
  const list = envListSchema.safeParse(written);
  if (!list.success) {
    reject(list.error);
    return {};
  }
  const variables: Record<string, string> = {};
  list.data.forEach(({ name, value, secretRef }, index) => {
    const path = ["env", index];
    if (Object.hasOwn(variables, name)) {
      report("error", [...path, "name"], `"${name}" is set twice`, "Keep one of the two.");
    }
    if (value !== undefined && secretRef !== undefined) {
      report("error", path, `"${name}" has both value and secretRef`, "Keep one of the two.");
    }
    const secret = secretRef === undefined ? undefined : secrets.get(secretRef);
    if (secretRef !== undefined && secret === undefined) {
      const near = suggest(secretRef, [...secrets.keys()]);
      const fix = near ? `Did you mean ${near}?` : `Add it: secrets: [{ name: ${secretRef}, value: … }].`;
      report("error", [...path, "secretRef"], `there is no secret "${secretRef}"`, fix);
    }
    if (value === undefined && secretRef === undefined) warnEmpty(path, report);
    variables[name] = secret ?? value ?? "";
  });
  return variables;
}

function warnEmpty(path: PropertyKey[], report: Report): void {
  report("warning", path, "has no value, so it is set to an empty text", 'Write "" to say so.');
}
