import { ERROR_CATALOGUE, type ErrorName } from "./error-catalogue.js";
import type { CatalogueEntry, ErrorParameters } from "./error-parts.js";
import { emptyAnswer, jsonAnswer, textAnswer, type WireAnswer } from "./wire-answer.js";

type Parameters<Name extends ErrorName> = keyof ErrorParameters<Name> extends never
  ? []
  : [parameters: ErrorParameters<Name>];

/**
 * A refusal in the service's own terms: an entry of the catalogue plus its parameters.
 * `message` is the text on the wire, `hint` says what to do.
 */
export class ServiceError<Name extends ErrorName = ErrorName> extends Error {
  override readonly name = "ServiceError";
  readonly entry: CatalogueEntry;
  readonly hint: string;
  readonly target: string | undefined;

  constructor(
    /** Which entry of the catalogue this is. */
    readonly kind: Name,
    ...parameters: Parameters<Name>
  ) {
    const entry: CatalogueEntry = ERROR_CATALOGUE[kind];
    const values: Record<string, string | number> = parameters[0] ?? {};
    super(fill(entry.message, values));
    this.entry = entry;
    this.hint = fill(entry.hint, values);
    this.target = entry.target === undefined ? undefined : fill(entry.target, values);
  }

  /** HTTP status of the answer. */
  get status(): number {
    return this.entry.status;
  }
}

/**
 * The answer for an error, in the entry's body shape, with `x-ms-error-code` where there is a code and
 * `x-emulator-hint` always.
 *
 * @param options.traceId the trace id that the service puts into JSON errors
 */
export function renderError(error: ServiceError, options: { traceId: string }): WireAnswer {
  const { status, shape, code, headers: extra } = error.entry;
  const headers: Record<string, string> = { ...extra, "x-emulator-hint": headerText(error.hint) };
  if (code !== undefined) headers["x-ms-error-code"] = code;
  switch (shape) {
    case "empty":
      return emptyAnswer(status, headers);
    case "text":
      return textAnswer(status, error.message, headers);
    case "flat":
      return jsonAnswer(status, { code, message: error.message }, headers);
    case "problem":
      return jsonAnswer(
        status,
        {
          type: "https://tools.ietf.org/html/rfc9110#section-15.5.1",
          title: "One or more validation errors occurred.",
          status,
          errors: { [error.target ?? ""]: [error.message] },
          traceId: options.traceId,
        },
        { ...headers, "content-type": "application/problem+json; charset=utf-8" },
      );
    case "nested":
      return jsonAnswer(
        status,
        {
          error: {
            code,
            message: error.message,
            ...(error.target === undefined ? {} : { target: error.target }),
            traceId: options.traceId,
          },
        },
        headers,
      );
  }
}

const LONGEST_HINT = 1_000;

/** Any text as one line of printable ASCII, fit for a header. */
function headerText(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .trim()
    .slice(0, LONGEST_HINT);
}

function fill(template: string, values: Record<string, string | number>): string {
  return template.replace(/\{\{(\w+)\}\}|\{(\w+)\}/g, (whole, literal?: string, name?: string) => {
    if (literal !== undefined) return `{${literal}}`;
    return String(values[name ?? ""] ?? whole);
  });
}
