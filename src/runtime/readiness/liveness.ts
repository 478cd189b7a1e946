import { setTimeout as sleep } from "node:timers/promises";
import type { Endpoint } from "../endpoint.js";
import type { InstanceSpec } from "../runtime.js";
import { describeOutcome } from "./outcome.js";
import { livenessRule, tryRule } from "./rule.js";

/** What watching a running instance needs to know of it. */
export interface LiveInstance {
  spec: InstanceSpec;
  endpoint(port: number): Endpoint;
  /** A paused instance answers nothing and is left alone. */
  isPaused(): boolean;
}

/**
 * Asks the `Liveness` probe again and again (ARM: every `periodSeconds`).
 * @returns why the instance counts as dead, after `failureThreshold` failures in a row; never settles for an
 * instance without such a probe, nor after `signal`
 */
export function failedLiveness(instance: LiveInstance, signal: AbortSignal): Promise<string> {
  const rule = livenessRule(instance.spec);
  return new Promise((resolve) => {
    if (!rule) return;
    const watch = async () => {
      let failures = 0;
      for (;;) {
        await sleep(rule.periodMs, undefined, { signal, ref: false });
        if (instance.isPaused()) continue;
        const outcome = await tryRule(instance.endpoint(rule.port), rule);
        if (instance.isPaused()) continue;
        failures = rule.isReady(outcome) ? 0 : failures + 1;
        if (failures < rule.failureThreshold) continue;
        resolve(`it failed its liveness probe: ${rule.description} ${describeOutcome(outcome)}`);
        return;
      }
    };
    // Ends by rejection when `signal` fires: then nobody asks any more.
    watch().catch(() => undefined);
  });
}
