import { stripAnsi } from "./ansi.js";

/** A picture as clients read it from a result (byoc 3.3). */
export interface ImageValue {
  type: "image";
  format: "png";
  base64_data: string;
}

/**
 * Value of a run: typed where Python's notation allows it, text otherwise; `null` for a last expression that is
 * `None`, `undefined` when there is no value.
 */
export type RunValue = boolean | number | string | ImageValue | null | undefined;

/** Content by MIME type, as kernels send it. */
export type MimeBundle = Record<string, unknown>;

/** The picture in a bundle, if any. Only PNG counts (byoc 3.3). */
export function imageOf(data: MimeBundle): ImageValue | undefined {
  const png = data["image/png"];
  if (typeof png !== "string" || png === "") return undefined;
  return { type: "image", format: "png", base64_data: png.replace(/\s+/g, "") };
}

/** The text of a bundle as a typed value. */
export function textValue(data: MimeBundle): RunValue {
  const text = data["text/plain"];
  if (typeof text === "string") return parseLiteral(text);
  if (Array.isArray(text)) return parseLiteral(text.join(""));
  return undefined;
}

const INTEGER = /^[+-]?\d+$/;
const FLOAT = /^[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?$/;

/**
 * Reads `text/plain` the way the image does (byoc 3.3, api-reference 4.6): `True`/`False`, integers, floats and
 * quoted strings become JSON values, everything else stays the text itself. `nan` and `inf` stay text, since
 * JSON has no such numbers; so do integers too long for a double, since their digits must survive.
 */
export function parseLiteral(coloured: string): boolean | number | string {
  const text = stripAnsi(coloured);
  if (text === "True") return true;
  if (text === "False") return false;
  if (INTEGER.test(text)) {
    const number = Number(text);
    return Number.isSafeInteger(number) ? number : text;
  }
  if (FLOAT.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : text;
  }
  return unquote(text) ?? text;
}

const SIMPLE_ESCAPES: Record<string, string> = {
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "0": "\0",
};

const ESCAPE = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[\s\S])/g;

/** Content of a quoted string, or `undefined` when the text is not exactly one. */
function unquote(text: string): string | undefined {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) return undefined;
  const inner = text.slice(1, -1);
  // A bare quote or a trailing backslash inside means several strings, such as `'a' 'b'`.
  const closed = new RegExp(`^(?:[^\\\\${quote}]|\\\\[\\s\\S])*$`);
  if (!closed.test(inner)) return undefined;
  return inner.replace(ESCAPE, (whole, kind: string) => {
    if (kind.length > 1) {
      const code = Number.parseInt(kind.slice(1), 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }
    return SIMPLE_ESCAPES[kind] ?? whole;
  });
}
