import type { Endpoint } from "../endpoint.js";
import type { InstanceSpec, Probe } from "../runtime.js";
import { probeHttp } from "./http-probe.js";
import type { ProbeOutcome } from "./outcome.js";
import { probeTcp } from "./tcp-probe.js";

/** When an instance counts as ready, and when it is given up. */
export interface ReadinessRule {
  /** What is asked, in words: `GET /health on port 6000`. */
  description: string;
  port: number;
  /** Absent for a plain TCP check. */
  http?: { path: string; headers: { name: string; value: string }[] };
  initialDelayMs: number;
  /** Wait between two tries; undefined = as fast as is sensible. */
  periodMs: number | undefined;
  timeoutMs: number;
  /** Consecutive failures after which the instance is given up; undefined = only the start-up timeout counts. */
  failureThreshold: number | undefined;
  isReady(outcome: ProbeOutcome): boolean;
}

/** ARM's meaning of a successful `httpGet`: 200–399. */
function succeeded(outcome: ProbeOutcome): boolean {
  return outcome.kind === "answered"
    ? outcome.status >= 200 && outcome.status < 400
    : outcome.kind === "open";
}

/**
 * The rule of an instance: its `Startup` probe; else its `Liveness` probe, which may fail until the start-up
 * timeout; else `GET /health`, where an image without that route is ready as soon as it answers at all.
 * BYOC images answer 5xx there until their kernel works (byoc 2.4).
 */
export function readinessRule(spec: InstanceSpec): ReadinessRule {
  const startup = spec.probes.find((probe) => probe.type === "Startup");
  if (startup) return { ...fromProbe(spec, startup), failureThreshold: startup.failureThreshold };
  const liveness = spec.probes.find((probe) => probe.type === "Liveness");
  if (liveness) return fromProbe(spec, liveness);
  return {
    description: `GET /health on port ${spec.targetPort}`,
    port: spec.targetPort,
    http: { path: "/health", headers: [] },
    initialDelayMs: 0,
    periodMs: undefined,
    timeoutMs: 5_000,
    failureThreshold: undefined,
    isReady: (outcome) => (outcome.kind === "answered" ? outcome.status < 500 : outcome.kind === "open"),
  };
}

function fromProbe(spec: InstanceSpec, probe: Probe): ReadinessRule {
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port ?? spec.targetPort;
  return {
    description: probe.httpGet
      ? `the ${probe.type} probe GET ${probe.httpGet.path} on port ${port}`
      : `the ${probe.type} probe of TCP port ${port}`,
    port,
    ...(probe.httpGet && { http: { path: probe.httpGet.path, headers: probe.httpGet.httpHeaders } }),
    initialDelayMs: probe.initialDelaySeconds * 1000,
    periodMs: probe.periodSeconds * 1000,
    timeoutMs: probe.timeoutSeconds * 1000,
    failureThreshold: undefined,
    isReady: succeeded,
  };
}

/** The rule of a running instance: its `Liveness` probe, if any. */
export function livenessRule(
  spec: InstanceSpec,
): (ReadinessRule & { periodMs: number; failureThreshold: number }) | undefined {
  const probe = spec.probes.find(({ type }) => type === "Liveness");
  if (!probe) return undefined;
  const { periodSeconds, failureThreshold } = probe;
  return { ...fromProbe(spec, probe), periodMs: periodSeconds * 1000, failureThreshold };
}

/** Asks once. */
export function tryRule(endpoint: Endpoint, rule: ReadinessRule): Promise<ProbeOutcome> {
  return rule.http
    ? probeHttp(endpoint, { ...rule.http, timeoutMs: rule.timeoutMs })
    : probeTcp(endpoint, rule.timeoutMs);
}

/** Ports inside the instance that the emulator itself must reach: the target port and those of probes. */
export function probedPorts(spec: InstanceSpec): number[] {
  const rules = [readinessRule(spec), livenessRule(spec)];
  return [...new Set([spec.targetPort, ...rules.flatMap((rule) => (rule ? [rule.port] : []))])];
}
