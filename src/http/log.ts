import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import { pathnameOf, queryOf } from "./address.js";
import type { Metrics } from "./metrics.js";
import type { RequestFacts } from "./request-facts.js";

/** Who is told of each request. */
export interface Watchers {
  logger: Logger;
  metrics: Metrics;
}

/** The canonical line of one request, timed from now on. */
export function openLine({ logger, metrics }: Watchers, req: IncomingMessage, now: () => number) {
  const startedAt = now();
  const url = req.url ?? "/";
  return {
    /** Writes the line, as loud as its status. */
    write(facts: RequestFacts): void {
      const { status } = facts;
      const elapsed = now() - startedAt;
      metrics.observe(facts, elapsed);
      const ms = Math.round(elapsed * 10) / 10;
      const apiVersion = queryOf(url).get("api-version") ?? undefined;
      const line = { method: req.method, path: pathnameOf(url), apiVersion, status, ms, ...facts };
      if (status !== undefined && status >= 500) logger.error(line, "request");
      else if (status === undefined || status >= 400) logger.warn(line, "request");
      else logger.info(line, "request");
    },
  };
}

/** Writes the canonical line when the answer is finished or its connection is lost; fill in the facts until then. */
export function logRequest(
  watchers: Watchers,
  req: IncomingMessage,
  res: ServerResponse,
  now: () => number,
): RequestFacts {
  const facts: RequestFacts = {};
  const line = openLine(watchers, req, now);
  res.once("close", () => {
    if (res.headersSent) facts.status = res.statusCode;
    if (!res.writableFinished) facts.aborted = true;
    line.write(facts);
  });
  return facts;
}
