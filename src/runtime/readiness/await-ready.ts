import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "../endpoint.js";
import { type InstanceExit, type InstanceSpec, RuntimeError } from "../runtime.js";
import { NotListeningError } from "./not-listening.js";
import { describeOutcome, type ProbeOutcome } from "./outcome.js";
import { type ReadinessRule, readinessRule, tryRule } from "./rule.js";

/** An instance that is starting, as far as readiness needs to know it. */
export interface StartingInstance {
  spec: InstanceSpec;
  exited: Promise<InstanceExit>;
  /** A way to one port inside. */
  endpoint(port: number): Endpoint;
  /** Ports that listen inside at the moment. */
  listening(): Promise<number[]>;
  /** The last lines that it printed. */
  logs(): Promise<string>;
}

/** Limits of the wait. */
export interface ReadinessLimits {
  startupTimeoutMs: number;
  signal: AbortSignal;
}

const FIRST_PERIOD_MS = 25;
const LONGEST_PERIOD_MS = 250;
/** How long a container may listen elsewhere only before its target port is called wrong (vendor images: 10 s). */
const WRONG_PORT_AFTER_MS = 30_000;
const LOOK_AT_PORTS_EVERY_MS = 5_000;

/**
 * Waits until an instance is ready.
 * @throws RuntimeError `exited-at-start`, `not-listening`, `unhealthy` or `aborted`, with what was found,
 * the setting to change, and the last log lines
 */
export async function awaitReady(starting: StartingInstance, limits: ReadinessLimits): Promise<void> {
  const rule = readinessRule(starting.spec);
  const over = new AbortController();
  const stop = () => over.abort();
  const exits: InstanceExit[] = [];
  void starting.exited.then((exit) => {
    exits.push(exit);
    stop();
  });
  limits.signal.addEventListener("abort", stop, { once: true });
  try {
    const outcome = await probeUntilReady(starting, rule, limits, over.signal);
    if (limits.signal.aborted) throw aborted(starting.spec, limits.signal);
    for (const exit of exits) throw await exitedAtStart(starting, exit);
    if (outcome) throw await neverReady(starting, rule, outcome);
  } finally {
    limits.signal.removeEventListener("abort", stop);
  }
}

/** Resolves to undefined when ready or stopped by `over`, else to the last outcome. */
async function probeUntilReady(
  starting: StartingInstance,
  rule: ReadinessRule,
  limits: ReadinessLimits,
  over: AbortSignal,
): Promise<ProbeOutcome | undefined> {
  const pause = (ms: number) => sleep(ms, undefined, { signal: over }).catch(() => undefined);
  const startedAt = performance.now();
  let lookedAt = startedAt;
  let elsewhereSince: number | undefined;
  let failures = 0;
  await pause(rule.initialDelayMs);
  for (let period = rule.periodMs ?? FIRST_PERIOD_MS; !over.aborted; ) {
    const outcome = await tryRule(starting.endpoint(rule.port), rule);
    if (over.aborted || rule.isReady(outcome)) return undefined;
    failures += 1;
    const now = performance.now();
    if (outcome.kind !== "refused") elsewhereSince = undefined;
    else if (now - lookedAt > LOOK_AT_PORTS_EVERY_MS) {
      lookedAt = now;
      const ports = await listeningNow(starting);
      if (ports.length === 0 || ports.includes(rule.port)) elsewhereSince = undefined;
      else elsewhereSince ??= now;
    }
    const givenUp =
      (rule.failureThreshold !== undefined && failures >= rule.failureThreshold) ||
      now - startedAt > limits.startupTimeoutMs ||
      (elsewhereSince !== undefined && now - startedAt > WRONG_PORT_AFTER_MS);
    if (givenUp) return outcome;
    await pause(period);
    if (rule.periodMs === undefined) period = Math.min(period * 1.3, LONGEST_PERIOD_MS);
  }
  return undefined;
}

/** Ports that listen inside; none when nobody can tell, for this only makes messages better. */
function listeningNow(starting: StartingInstance): Promise<number[]> {
  return starting.listening().catch((): number[] => []);
}

function aborted(spec: InstanceSpec, signal: AbortSignal): RuntimeError {
  const why = signal.reason instanceof Error ? signal.reason.message : "it was stopped";
  return new RuntimeError("aborted", `pool '${spec.pool}': the session ended while it was starting: ${why}`);
}

async function exitedAtStart(starting: StartingInstance, exit: InstanceExit): Promise<RuntimeError> {
  const { pool, image, memoryBytes } = starting.spec;
  const why = exit.oomKilled
    ? `it needed more than its ${Math.round(memoryBytes / 2 ** 20)} MiB of memory; raise 'memory'`
    : "its last log lines say why; try 'docker run' with the same image, and check 'command', 'args' and 'env'";
  return new RuntimeError(
    "exited-at-start",
    `pool '${pool}': the container of image '${image}' exited with code ${exit.exitCode} at start: ${why}`,
    await starting.logs(),
  );
}

async function neverReady(
  starting: StartingInstance,
  rule: ReadinessRule,
  outcome: ProbeOutcome,
): Promise<RuntimeError> {
  const { pool, image } = starting.spec;
  const details = await starting.logs();
  const ports = await listeningNow(starting);
  if (outcome.kind === "refused" && !ports.includes(rule.port)) {
    const elsewhere =
      ports.length > 0
        ? `the container listens on ${ports.join(", ")}; set targetPort (--target-port) to the right one`
        : "the container listens on no port at all; its program must listen on targetPort (--target-port)";
    return new NotListeningError(
      `pool '${pool}': nothing listens on targetPort ${rule.port} in image '${image}': ${elsewhere}`,
      details,
      ports,
    );
  }
  return new RuntimeError(
    "unhealthy",
    `pool '${pool}': image '${image}' did not become ready: ${rule.description} ${describeOutcome(outcome)}; ` +
      "give it longer with --startup-timeout or set the pool's probes",
    details,
  );
}
