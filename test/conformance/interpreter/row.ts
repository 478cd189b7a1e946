import type { Readable } from "node:stream";

/** One request to an interpreter. `{identifier}`, `{dir}` and `{id}` in its texts are filled in (see `Row`). */
export interface Ask {
  /** Default GET, or POST when there is a body. */
  method?: "GET" | "POST" | "DELETE" | "HEAD" | "PUT";
  /** Sent as it stands, percent signs and double slashes included. */
  path: string;
  /** Without `identifier`, which is always added. */
  query?: string;
  headers?: Record<string, string>;
  /** Body as JSON. */
  json?: unknown;
  /** Body as raw text or bytes; a stream is sent in chunks, without a length. */
  raw?: string | Buffer | Readable;
  /** Body as a form with these parts, written in the plainest dialect. */
  files?: { name: string; content: string; field?: string }[];
}

/** What an answer must be. Members that are absent are not looked at. */
export interface Answer {
  status: number;
  headers?: Record<string, string | RegExp>;
  /** The whole body as JSON, key for key; asymmetric matchers stand for what differs from run to run. */
  json?: unknown;
  /** The whole body as text. */
  text?: string | RegExp;
}

/**
 * One line of the container's contract: what is sent and what comes back.
 *
 * `{identifier}` is the session's identifier, `{dir}` a directory name that no other row uses, `{id}` the `id`
 * in the last JSON answer that had one.
 */
export interface Row {
  /** Source key and case, for example `byoc 3.1 upload 2024-08`. Unique. */
  id: string;
  /** Sent first, in order; each must succeed. */
  before?: Ask[];
  ask: Ask;
  /** Repeat the request until the execution it asks for has ended. */
  untilEnded?: boolean;
  /** What this project's images answer. */
  ours: Answer;
  /** What other versions of the image answer as well, where the sources disagree or leave it open. */
  others?: Answer[];
}
