import { memberOf } from "./json-body.js";
import { queryValue } from "./query.js";
import { ServiceError } from "./service-error.js";

const SHORTEST = 4;
const LONGEST = 128;
/** One character outside the pattern of swagger 2025-10-02-preview. */
const FORBIDDEN = /[^a-zA-Z0-9_|}{[\]:";'<>?/.,@#$%^&*()\-+=!~`]/u;

/**
 * The session identifier of a request to a built-in pool. The query wins; an execution may carry it in its
 * body instead, flat or below `properties`, as early clients do (clients 4.2).
 *
 * @param body parsed JSON body of an execution
 * @throws ServiceError `identifierMissing`, `identifierLength`, `identifierCharacters`
 */
export function requireIdentifier(query: URLSearchParams, body?: unknown): string {
  const identifier = queryValue(query, "identifier") || identifierInBody(body);
  if (identifier === undefined || identifier === "") throw new ServiceError("identifierMissing");
  return checkedIdentifier(identifier);
}

/**
 * The session identifier of a request to a custom container pool: in the query only.
 *
 * @throws ServiceError `identifierMissingCustom`, `identifierLength`, `identifierCharacters`
 */
export function requireCustomIdentifier(query: URLSearchParams): string {
  const identifier = queryValue(query, "identifier");
  if (identifier === undefined || identifier === "") throw new ServiceError("identifierMissingCustom");
  return checkedIdentifier(identifier);
}

/**
 * The identifier itself when it obeys the rule of api-reference 1.1.
 *
 * @throws ServiceError `identifierLength`, `identifierCharacters`
 */
export function checkedIdentifier(identifier: string): string {
  const { length } = identifier;
  if (length < SHORTEST || length > LONGEST) throw new ServiceError("identifierLength", { length });
  const forbidden = FORBIDDEN.exec(identifier)?.[0];
  if (forbidden !== undefined) {
    const codePoint = forbidden.codePointAt(0) ?? 0;
    throw new ServiceError("identifierCharacters", {
      character: `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`,
    });
  }
  return identifier;
}

function identifierInBody(body: unknown): string | undefined {
  for (const holder of [memberOf(body, "properties"), body]) {
    const identifier = memberOf(holder, "identifier");
    if (typeof identifier === "string" && identifier !== "") return identifier;
  }
  return undefined;
}
