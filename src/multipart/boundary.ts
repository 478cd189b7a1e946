import type { IncomingMessage } from "node:http";

/** Longest first line looked at: RFC 2046 allows boundaries of 70 characters, some clients use more. */
const LONGEST_FIRST_LINE = 256;

/**
 * Makes the request's `content-type` header one that a multipart parser understands, and returns whether it
 * is one.
 *
 * Some clients announce a multipart body as JSON because a default header won over the computed one
 * (clients 2.6, httpx in Semantic Kernel). The body itself then tells the boundary: it starts with
 * `--token` and a line end. The bytes looked at are put back.
 */
export async function announceMultipart(req: IncomingMessage): Promise<boolean> {
  const announced = req.headers["content-type"] ?? "";
  if (isMultipartWithBoundary(announced)) return true;
  const boundary = boundaryOfFirstLine(await peek(req));
  if (boundary === undefined) return false;
  req.headers["content-type"] = `multipart/form-data; boundary="${boundary.replace(/["\\]/g, "\\$&")}"`;
  return true;
}

/** Whether a `content-type` value names a multipart form with a boundary, quoted or not. */
export function isMultipartWithBoundary(contentType: string): boolean {
  return /^\s*multipart\/form-data\s*;(.*;)?\s*boundary\s*=\s*("[^"]+"|[^\s;"]+)/i.test(contentType);
}

/** The boundary that a body's first bytes reveal, if they look like a multipart body at all. */
export function boundaryOfFirstLine(start: Buffer): string | undefined {
  const line = /^(?:\r?\n)*--([^\r\n]+?)[ \t]*\r?\n/.exec(start.toString("latin1"));
  const boundary = line?.[1];
  return boundary !== undefined && boundary.length <= LONGEST_FIRST_LINE - 4 ? boundary : undefined;
}

/** Reads the first line's worth of a body and puts it back, so that the next reader sees the whole body. */
async function peek(req: IncomingMessage): Promise<Buffer> {
  const seen: Buffer[] = [];
  let length = 0;
  while (length < LONGEST_FIRST_LINE) {
    const chunk = await nextChunk(req);
    if (chunk === null) break;
    seen.push(chunk);
    length += chunk.length;
    if (Buffer.concat(seen).indexOf("\n", 2) >= 0) break;
  }
  const start = Buffer.concat(seen);
  // A stream that has ended refuses to take bytes back; the caller then answers "not multipart" from `start`.
  if (start.length > 0 && !req.readableEnded) req.unshift(start);
  return start;
}

function nextChunk(req: IncomingMessage): Promise<Buffer | null> {
  const ready = req.read() as Buffer | null;
  if (ready !== null) return Promise.resolve(ready);
  if (req.readableEnded || req.destroyed) return Promise.resolve(null);
  return new Promise((resolve) => {
    const settle = () => {
      req.off("readable", settle).off("end", settle).off("close", settle).off("error", settle);
      resolve(req.read() as Buffer | null);
    };
    req.on("readable", settle).on("end", settle).on("close", settle).on("error", settle);
  });
}
