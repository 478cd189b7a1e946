/** A moment: milliseconds since the epoch, a `Date`, or RFC 3339 text with any number of fractional digits. */
export type Moment = number | Date | string;

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:?\d\d)?$/;

/**
 * A moment as the service writes it: UTC, at most seven fractional digits, trailing zeros dropped
 * (recordings A1.2, section G). `undefined` for text that is no moment.
 */
export function serviceTimestamp(moment: Moment): string | undefined {
  if (typeof moment !== "string") return serviceTimestamp(new Date(moment).toISOString());
  const match = RFC3339.exec(moment.trim());
  if (match === null) return undefined;
  const [, day = "", time = "", fraction = "", zone = "Z"] = match;
  const seconds = new Date(`${day}T${time}${zone.toUpperCase()}`);
  if (Number.isNaN(seconds.getTime())) return undefined;
  const digits = fraction.slice(0, 7).replace(/0+$/, "");
  return `${seconds.toISOString().slice(0, 19)}${digits === "" ? "" : `.${digits}`}Z`;
}
