import { randomUUID } from "node:crypto";
import {
  answerMcp,
  commonHeaders,
  type ExecutionOutcome,
  type ExecutionRequest,
  NEWEST_VERSION,
  ServiceError,
  type WireAnswer,
} from "../../service/index.js";
import { LARGEST_EXECUTION_BYTES, runInSession } from "../built-in/execute.js";
import { readBody } from "../built-in/read-body.js";
import type { Exchange } from "../exchange.js";
import { acquireLease } from "../lease.js";
import { sendAnswer, sendError } from "../respond.js";

/** Answers a request to the MCP endpoint of a pool. Any key or none will do. */
export async function serveMcp(exchange: Exchange): Promise<void> {
  const { req, res, facts } = exchange;
  const common = commonHeaders({ dialect: NEWEST_VERSION, correlationId: randomUUID() });
  facts.operation = "mcp";
  if (req.headers["x-ms-apikey"] === undefined) {
    facts.note = "no x-ms-apikey: the service refuses that, also with an Authorization header";
  }
  try {
    sendAnswer(res, await answer(exchange), common);
  } catch (error) {
    sendError(res, error, facts, common);
  } finally {
    if (!req.readableEnded) req.resume();
  }
}

async function answer(exchange: Exchange): Promise<WireAnswer> {
  const { req, facts, context, pathname, served } = exchange;
  const { method = "GET" } = req;
  if (method !== "POST") {
    throw new ServiceError("mcpMethodNotAllowed", { method, path: pathname.slice(0, 200) });
  }
  return answerMcp(await readBody(req, LARGEST_EXECUTION_BYTES), {
    containerType: served.config.containerType,
    version: context.version,
    newEnvironmentId: randomUUID,
    run: (environmentId, request) => run(exchange, environmentId, request),
    onRequest: (rpcMethod, refusal) => {
      facts.operation = `mcp ${rpcMethod.slice(0, 100)}`;
      if (refusal) Object.assign(facts, { error: `${refusal.kind}: ${refusal.message}`, hint: refusal.hint });
    },
  });
}

async function run(
  { served, facts }: Exchange,
  identifier: string,
  request: ExecutionRequest,
): Promise<ExecutionOutcome> {
  const lease = await acquireLease(served, identifier, facts);
  try {
    const { outcome } = await runInSession(lease, request, {
      identifier,
      executionId: randomUUID(),
    });
    facts.outcome = outcome.state;
    return outcome;
  } finally {
    lease.release();
  }
}
