import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "../endpoint.js";
import { describeOutcome, type ProbeOutcome } from "../readiness/outcome.js";
import { readinessRule, tryRule } from "../readiness/rule.js";
import { type InstanceSpec, RuntimeError } from "../runtime.js";
import type { SessionProcess } from "./session-process.js";

const FIRST_PERIOD_MS = 10;
const LONGEST_PERIOD_MS = 100;

/**
 * Waits until a session answers that it is ready.
 * @throws RuntimeError `exited-at-start`, `unhealthy` or `aborted`, with what it printed last
 */
export async function awaitAnswer(
  spec: InstanceSpec,
  started: SessionProcess,
  endpoint: Endpoint,
  limits: { startupTimeoutMs: number; signal: AbortSignal },
): Promise<void> {
  const { pool, memoryBytes } = spec;
  // Whatever the pool's probes say, they are about a container; this program's own health is what counts.
  const rule = readinessRule({ ...spec, probes: [] });
  const over = new AbortController();
  let ended: RuntimeError | undefined;
  void started.exited.then(({ reason, oomKilled }) => {
    const fix = oomKilled
      ? `raise the pool's 'memory' (${memoryBytes / 2 ** 20} MiB)`
      : "its last lines say why";
    ended = new RuntimeError(
      "exited-at-start",
      `pool '${pool}': a session could not start, ${reason}: ${fix}`,
      started.logs(),
    );
    over.abort();
  });
  const stop = () => over.abort();
  limits.signal.addEventListener("abort", stop, { once: true });
  if (limits.signal.aborted) stop();
  try {
    let outcome: ProbeOutcome = { kind: "refused" };
    const deadline = performance.now() + limits.startupTimeoutMs;
    for (
      let period = FIRST_PERIOD_MS;
      !over.signal.aborted;
      period = Math.min(period * 1.3, LONGEST_PERIOD_MS)
    ) {
      outcome = await tryRule(endpoint, rule);
      if (rule.isReady(outcome)) return;
      if (performance.now() > deadline) throw neverReady(pool, started, outcome);
      await sleep(period, undefined, { signal: over.signal }).catch(() => undefined);
    }
    if (limits.signal.aborted) throw aborted(pool, limits.signal);
    throw ended ?? neverReady(pool, started, outcome);
  } finally {
    limits.signal.removeEventListener("abort", stop);
  }
}

function neverReady(pool: string, started: SessionProcess, outcome: ProbeOutcome): RuntimeError {
  const words = `pool '${pool}': a session did not become ready: GET /health ${describeOutcome(outcome)}; give it longer with --startup-timeout-seconds`;
  return new RuntimeError("unhealthy", words, started.logs());
}

function aborted(pool: string, signal: AbortSignal): RuntimeError {
  const why = signal.reason instanceof Error ? signal.reason.message : "it was stopped";
  return new RuntimeError("aborted", `pool '${pool}': the session ended while it was starting: ${why}`);
}
