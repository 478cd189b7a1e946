import type { IncomingMessage } from "node:http";
import { ServiceError } from "../../service/service-error.js";

/**
 * The body of a request as text.
 * @throws ServiceError `bodyTooLarge`
 */
export async function readBody(req: IncomingMessage, limitBytes: number): Promise<string> {
  if (Number(req.headers["content-length"] ?? 0) > limitBytes) throw tooLarge(req, limitBytes);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw tooLarge(req, limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The rest is read and dropped, so that the caller gets to read its answer. */
function tooLarge(req: IncomingMessage, limit: number): ServiceError {
  req.resume();
  return new ServiceError("bodyTooLarge", { limit });
}
