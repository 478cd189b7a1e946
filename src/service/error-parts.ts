import type { ERROR_CATALOGUE, ErrorName } from "./error-catalogue.js";

/**
 * How an error looks on the wire (api-reference 10): `nested` is `{"error":{…}}` with `x-ms-error-code`,
 * `flat` is `{"code","message"}`, `text` is text/plain, `problem` is ASP.NET's application/problem+json,
 * `empty` has no body.
 */
export type ErrorShape = "nested" | "flat" | "text" | "problem" | "empty";

/** One kind of error. `{name}` in `message`, `target` and `hint` stands for a parameter. */
export interface CatalogueEntry {
  status: number;
  shape: ErrorShape;
  /** Code on the wire; absent where the service sends none. */
  code?: string;
  message: string;
  /** Member or parameter at fault: `error.target`, or the key of `errors` in a problem document. */
  target?: string;
  /** What to do, for the log and the `x-emulator-hint` header; never part of the body. */
  hint: string;
  headers?: Record<string, string>;
  /** Where the behaviour comes from; `emulator` marks a situation that the service is not known to answer. */
  source: string;
}

/** Names between single braces in a template; `{{x}}` is a literal `{x}`. */
type Placeholders<Text extends string> = Text extends `${infer _Head}{{${infer _Literal}}}${infer Rest}`
  ? Placeholders<Rest>
  : Text extends `${infer _Head}{${infer Name}}${infer Rest}`
    ? Name | Placeholders<Rest>
    : never;

type Templates<Name extends ErrorName> = (typeof ERROR_CATALOGUE)[Name] extends infer Entry
  ?
      | (Entry extends { message: infer M extends string } ? M : never)
      | (Entry extends { hint: infer H extends string } ? H : never)
      | (Entry extends { target: infer T extends string } ? T : never)
  : never;

/** Parameters that the templates of one entry ask for. */
export type ErrorParameters<Name extends ErrorName> = Record<
  Templates<Name> extends infer Text ? (Text extends string ? Placeholders<Text> : never) : never,
  string | number
>;
