import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { FILE_FIELD } from "./read.js";

/** A request body with the headers that belong to it. */
export interface OutgoingForm {
  headers: Record<string, string>;
  body: Readable;
}

/**
 * One file as the plainest multipart form there is: one part named `file`, quoted raw UTF-8 name as browsers,
 * requests and undici send it. Any parser understands this one, so uploads are re-sent in it whatever dialect
 * they came in.
 *
 * @param size length of `stream` in bytes, if known: the form then carries a `content-length`.
 */
export function singleFileBody(
  name: string,
  stream: Readable,
  options: { contentType?: string; size?: number } = {},
): OutgoingForm {
  const boundary = `----dynamic-sessions-${randomBytes(12).toString("hex")}`;
  const head = Buffer.from(
    `--${boundary}\r\n` +
      `Content-Disposition: form-data; name="${FILE_FIELD}"; filename="${escapedName(name)}"\r\n` +
      `Content-Type: ${options.contentType ?? "application/octet-stream"}\r\n\r\n`,
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  const headers: Record<string, string> = { "content-type": `multipart/form-data; boundary=${boundary}` };
  if (options.size !== undefined)
    headers["content-length"] = String(head.length + options.size + tail.length);
  return { headers, body: Readable.from(parts(head, stream, tail), { objectMode: false }) };
}

async function* parts(head: Buffer, stream: Readable, tail: Buffer): AsyncGenerator<Buffer> {
  yield head;
  for await (const chunk of stream) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  yield tail;
}

/** The three characters that would end the quoted name, escaped as the HTML standard says. */
function escapedName(name: string): string {
  return name.replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22");
}
