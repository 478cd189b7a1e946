import { ServiceError } from "./service-error.js";

/** First value of a query parameter; the name in any letter case, as the service's routing reads it. */
export function queryValue(query: URLSearchParams, name: string): string | undefined {
  const exact = query.get(name);
  if (exact !== null) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of query) {
    if (key.toLowerCase() === wanted) return value;
  }
  return undefined;
}

/** The `skip` parameter of a list. @throws ServiceError `queryInvalid` */
export function skipOf(query: URLSearchParams): number {
  const value = queryValue(query, "skip") || "0";
  if (!/^\d{1,9}$/.test(value)) {
    throw new ServiceError("queryInvalid", { name: "skip", value, rule: "a whole number, 0 or more" });
  }
  return Number(value);
}
