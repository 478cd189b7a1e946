/**
 * One complete answer, ready to write: `headers` in lower case, `body` as the exact text.
 * An absent `body` means no body at all (204, and the answers that the service leaves empty).
 * The headers of `commonHeaders` are not included; the caller merges them.
 */
export interface WireAnswer {
  status: number;
  headers: Record<string, string>;
  body?: string;
}

/** A JSON answer. Members appear on the wire in the order in which `value` holds them. */
export function jsonAnswer(status: number, value: unknown, headers: Record<string, string> = {}): WireAnswer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** A plain-text answer, as the custom pools' own calls give. */
export function textAnswer(status: number, text: string, headers: Record<string, string> = {}): WireAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8", ...headers }, body: text };
}

/** An answer without a body. */
export function emptyAnswer(status: number, headers: Record<string, string> = {}): WireAnswer {
  return { status, headers };
}
