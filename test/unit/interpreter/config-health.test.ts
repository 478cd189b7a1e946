import { afterEach, expect, it } from "vitest";
import { HealthMonitor, type HealthRules } from "../../../src/interpreter/health/monitor.js";

const RULES: HealthRules = {
  initialDelaySeconds: 0,
  periodSeconds: 0.005,
  failureThreshold: 3,
  successfulHealthCheckThresholdSeconds: 3600,
};

let monitor: HealthMonitor | undefined;
afterEach(() => monitor?.stop());

/** A monitor whose check gives the answers of a list, then the last of them for ever. */
function watching(rules: Partial<HealthRules>, answers: (boolean | undefined)[]) {
  const seen: boolean[] = [];
  const started = new HealthMonitor({ ...RULES, ...rules }, async () => {
    // What is thought of the checks before this one.
    seen.push(started.isHealthy);
    return answers[Math.min(seen.length, answers.length) - 1];
  });
  monitor = started;
  started.start();
  const after = (checks: number) =>
    expect.poll(() => seen.length, { timeout: 10_000 }).toBeGreaterThan(checks);
  return { seen, after };
}

it("is healthy until `failureThreshold` checks in a row have failed", async () => {
  const { seen, after } = watching({}, [true, false, false, false]);
  await after(5);
  // Before check 5, checks 2 to 4 had failed.
  expect(seen.slice(0, 6)).toEqual([true, true, true, true, false, false]);
});

it("recovers with one success", async () => {
  const { seen, after } = watching({ failureThreshold: 1 }, [false, true]);
  await after(3);
  expect(seen.slice(0, 4)).toEqual([true, false, true, true]);
});

it("is unhealthy when a check fails and the last success is too long ago", async () => {
  const { seen, after } = watching({ failureThreshold: 100, successfulHealthCheckThresholdSeconds: 0 }, [
    true,
    false,
  ]);
  await after(3);
  expect(seen.slice(0, 4)).toEqual([true, true, false, false]);
});

it("learns nothing from checks that could not run", async () => {
  const rules = { failureThreshold: 1, successfulHealthCheckThresholdSeconds: 0 };
  const { seen, after } = watching(rules, [undefined]);
  await after(10);
  expect(new Set(seen)).toEqual(new Set([true]));
});

it("waits for the initial delay, and ends with `stop`", async () => {
  const { seen } = watching({ initialDelaySeconds: 3600 }, [false]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(seen).toEqual([]);
  monitor?.stop();
  const stopped = watching({}, [true]);
  await stopped.after(2);
  monitor?.stop();
  const count = stopped.seen.length;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(stopped.seen.length - count).toBeLessThanOrEqual(1);
});
