import { v7 as uuidV7 } from "uuid";
import type { Lease } from "../../pool/lease.js";
import {
  abortedOutcome,
  type ExecutionOutcome,
  type ExecutionRequest,
  type InterpreterAnswer,
  type OperationOf,
  parseExecution,
  parseJsonBody,
  readExecution,
  renderExecution,
  renderPolledExecution,
  requireIdentifier,
  timedOutOutcome,
  timingHeaders,
  toInterpreterExecution,
  toInterpreterPoll,
  type WireAnswer,
} from "../../service/index.js";
import type { Exchange } from "../exchange.js";
import { acquireLease } from "../lease.js";
import { sessionGuid } from "../session-summary.js";
import { inSession } from "./in-session.js";
import {
  callInterpreter,
  InterpreterSilent,
  InterpreterUnreachable,
  readAnswer,
} from "./interpreter-call.js";
import { readBody } from "./read-body.js";

/** The largest execution request; the service's own limit is not known. */
export const LARGEST_EXECUTION_BYTES = 64 * 2 ** 20;
/** Beyond a run's own limit: waiting behind other runs of the session, interrupting, restarting the kernel. */
const GRACE_MS = 300_000;

/** Runs code or a command in the session of the identifier. */
export async function execute(exchange: Exchange, operation: OperationOf<"execute">): Promise<WireAnswer> {
  const arrivedAt = performance.now();
  const { req, query, served, facts, poolUrl } = exchange;
  const body = parseJsonBody(await readBody(req, LARGEST_EXECUTION_BYTES));
  const identifier = requireIdentifier(query, body);
  const request = parseExecution(operation, body);
  const executionId = chosenId(req.headers["operation-id"]);
  facts.operationId = executionId;
  const lease = await acquireLease(served, identifier, facts);
  try {
    const run = await runInSession(lease, request, { identifier, executionId });
    facts.outcome = run.outcome.state;
    const answer = renderExecution(operation, request, run.outcome, { identifier, executionId, poolUrl });
    const timings = {
      allocation: lease.allocationMs,
      allocationRetries: 0,
      preparation: Math.max(0, run.startedAt - arrivedAt - lease.allocationMs),
      executionRequest: run.headAt - run.startedAt,
      executionReadResponse: run.endedAt - run.headAt,
      containerExecution: run.outcome.duration,
      overallExecution: run.endedAt - run.startedAt,
      totalExecutionService: performance.now() - arrivedAt,
    };
    const session = { sessionGuid: sessionGuid(lease.instance.id), newAllocation: lease.isNew };
    return { ...answer, headers: { ...answer.headers, ...timingHeaders(timings, session) } };
  } finally {
    lease.release();
  }
}

/** Tells the state of an asynchronous run. */
export async function pollExecution(
  exchange: Exchange,
  operation: OperationOf<"getExecution">,
): Promise<WireAnswer> {
  const identifier = requireIdentifier(exchange.query);
  const { executionId } = operation;
  const poll = toInterpreterPoll(operation, { identifier });
  const answer = await inSession(exchange, identifier, { onlyReads: true }, async ({ instance }) =>
    readAnswer(await callInterpreter(instance.endpoint, poll)),
  );
  const outcome = readExecution(answer, undefined, { identifier, executionId });
  return renderPolledExecution(operation, outcome, { identifier });
}

/** A run that is over, and when its steps were, in milliseconds of `performance.now()`. */
export interface Run {
  outcome: ExecutionOutcome;
  startedAt: number;
  headAt: number;
  endedAt: number;
}

/**
 * Runs code or a command in the instance of a lease. A session that ends under its run is a failed run, not
 * a failed request (recordings E6).
 * @throws ServiceError `interpreterRefused`, `interpreterFailed`
 */
export async function runInSession(
  lease: Pick<Lease, "instance" | "gaveNoAnswer">,
  request: ExecutionRequest,
  ids: { identifier: string; executionId: string },
): Promise<Run> {
  const startedAt = performance.now();
  let headAt = startedAt;
  const timed = (outcome: ExecutionOutcome): Run => {
    const endedAt = performance.now();
    return { outcome, startedAt, headAt: Math.max(headAt, startedAt), endedAt };
  };
  let answer: InterpreterAnswer;
  try {
    const timeoutMs = request.timeoutInSeconds * 1000 + GRACE_MS;
    const call = toInterpreterExecution(request, ids);
    const message = await callInterpreter(lease.instance.endpoint, call, { timeoutMs });
    headAt = performance.now();
    answer = await readAnswer(message);
  } catch (error) {
    if (error instanceof InterpreterSilent) return timed(timedOutOutcome(request));
    if (!(error instanceof InterpreterUnreachable)) throw error;
    const ranFor = performance.now() - startedAt;
    await lease.gaveNoAnswer();
    return timed(abortedOutcome(ranFor));
  }
  return timed(readExecution(answer, request, ids));
}

const OPERATION_ID = /^[\w.-]{1,128}$/;

/** The id that the caller chose by the `operation-id` header (swagger 2024-10-02-preview), else a new one. */
function chosenId(header: string | string[] | undefined): string {
  return typeof header === "string" && OPERATION_ID.test(header) ? header : uuidV7();
}
