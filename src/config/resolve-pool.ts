import type { Probe } from "../runtime/runtime.js";
import { defaultsFor, ephemeralStorageFor } from "./defaults.js";
import type { PoolConfig } from "./pool-config.js";
import type { WrittenPool, WrittenProbe } from "./pools-schema.js";

/** Takes note of something wrong or doubtful at a path inside the pool. */
export type Report = (
  severity: "error" | "warning",
  path: PropertyKey[],
  message: string,
  fix: string,
) => void;

/** Fills in the defaults and applies the rules between keys. What breaks a rule is reported, never thrown. */
export function resolvePool(pool: WrittenPool, env: Record<string, string>, report: Report): PoolConfig {
  const { name, containerType } = pool;
  const defaults = defaultsFor(containerType);
  const resolved: PoolConfig = {
    name,
    containerType,
    image: pool.image ?? defaults.image,
    targetPort: pool.targetPort ?? defaults.targetPort,
    maxConcurrentSessions: pool.maxConcurrentSessions ?? defaults.maxConcurrentSessions,
    readySessionInstances: pool.readySessionInstances ?? defaults.readySessionInstances,
    lifecycleType: pool.lifecycleType ?? defaults.lifecycleType,
    cooldownPeriodInSeconds: pool.cooldownPeriodInSeconds ?? defaults.cooldownPeriodInSeconds,
    maxAlivePeriodInSeconds: pool.maxAlivePeriodInSeconds ?? defaults.maxAlivePeriodInSeconds,
    sessionNetworkStatus: pool.sessionNetworkStatus ?? defaults.sessionNetworkStatus,
    cpu: pool.cpu ?? defaults.cpu,
    memoryBytes: pool.memory ?? defaults.memoryBytes,
    ephemeralStorageBytes: pool.ephemeralStorage ?? ephemeralStorageFor(pool.cpu ?? defaults.cpu),
    ...(pool.command && { command: pool.command }),
    ...(pool.args && { args: pool.args }),
    env,
    probes: (pool.probes ?? []).map((probe, index) =>
      resolveProbe(probe, (severity, path, message, fix) =>
        report(severity, ["probes", index, ...path], message, fix),
      ),
    ),
    forwardAuthorization: pool.forwardAuthorization ?? defaults.forwardAuthorization,
    isMcpServerEnabled: pool.isMcpServerEnabled ?? defaults.isMcpServerEnabled,
  };
  checkCustomRules(pool, report);
  checkLifecycle(pool, resolved, report);
  checkScale(pool, resolved, report);
  if (name.length < 3)
    report("warning", ["name"], `"${name}" is too short for Azure`, "Azure wants 3 to 63 characters.");
  return resolved;
}

function checkCustomRules(pool: WrittenPool, report: Report): void {
  const custom = pool.containerType === "CustomContainer";
  if (custom && pool.image === undefined) {
    report(
      "error",
      ["image"],
      "is missing",
      "A CustomContainer pool names its image, for example image: my-byoc:dev.",
    );
  }
  if (custom && pool.targetPort === undefined) {
    const fix = "Write the port that the program in the image listens on, for example targetPort: 6000.";
    report("error", ["targetPort"], "is missing", fix);
  }
  if (!custom && pool.forwardAuthorization) {
    report(
      "error",
      ["forwardAuthorization"],
      `has no meaning in a ${pool.containerType} pool`,
      "Leave it out.",
    );
  }
}

/** Timed has a cooldown, OnContainerExit a longest life, never both (api-reference 1). */
function checkLifecycle(pool: WrittenPool, resolved: PoolConfig, report: Report): void {
  const exit = resolved.lifecycleType === "OnContainerExit";
  if (exit && pool.containerType !== "CustomContainer") {
    const message = `OnContainerExit is not possible in a ${pool.containerType} pool`;
    report("error", ["lifecycleType"], message, "Write Timed, or make it a CustomContainer pool.");
  }
  if (exit && pool.cooldownPeriodInSeconds !== undefined) {
    const fix = "Leave it out, or write maxAlivePeriodInSeconds for the longest life.";
    report("error", ["cooldownPeriodInSeconds"], "is not allowed with lifecycleType OnContainerExit", fix);
  }
  if (!exit && pool.maxAlivePeriodInSeconds !== undefined) {
    const fix = "Leave it out, or write cooldownPeriodInSeconds for the idle time.";
    report("error", ["maxAlivePeriodInSeconds"], "is not allowed with lifecycleType Timed", fix);
  }
  const cooldown = pool.cooldownPeriodInSeconds;
  if (!exit && cooldown !== undefined && (cooldown < 300 || cooldown > 3600)) {
    report(
      "warning",
      ["cooldownPeriodInSeconds"],
      `${cooldown} is fine here but not on Azure`,
      "Azure takes 300 to 3600.",
    );
  }
}

function checkScale(pool: WrittenPool, resolved: PoolConfig, report: Report): void {
  const { maxConcurrentSessions: max, readySessionInstances: ready } = resolved;
  if (ready > max) {
    const message = `${ready} is more than maxConcurrentSessions (${max})`;
    report(
      "error",
      ["readySessionInstances"],
      message,
      `Write at most ${max}, or raise maxConcurrentSessions.`,
    );
  } else if (pool.containerType === "CustomContainer" && pool.readySessionInstances === max) {
    const fix = "Azure takes a number above 0 and below maxConcurrentSessions.";
    report("warning", ["readySessionInstances"], `${ready} is fine here but not on Azure`, fix);
  }
  if (pool.containerType !== "CustomContainer" && max > 600) {
    report(
      "warning",
      ["maxConcurrentSessions"],
      `${max} is fine here but not on Azure`,
      "Azure takes at most 600.",
    );
  }
}

/** ARM's defaults for what a probe does not say (api-reference 12.4). */
function resolveProbe(probe: WrittenProbe, report: Report): Probe {
  const { httpGet, tcpSocket } = probe;
  if ((httpGet === undefined) === (tcpSocket === undefined)) {
    const message = httpGet ? "has both httpGet and tcpSocket" : "has neither httpGet nor tcpSocket";
    report("error", [], message, "Write one of the two, for example httpGet: { path: /health, port: 6000 }.");
  }
  for (const kind of ["httpGet", "tcpSocket"] as const) {
    if (probe[kind]?.host === undefined) continue;
    const fix = "Leave it out: the probe always goes to the session itself.";
    report("warning", [kind, "host"], "is ignored", fix);
  }
  if (probe.terminationGracePeriodSeconds !== undefined) {
    report(
      "warning",
      ["terminationGracePeriodSeconds"],
      "is ignored",
      "A session that fails its probe ends at once.",
    );
  }
  return {
    type: probe.type,
    ...(httpGet && {
      httpGet: {
        path: httpGet.path ?? "/",
        port: httpGet.port,
        scheme: httpGet.scheme ?? "HTTP",
        httpHeaders: httpGet.httpHeaders ?? [],
      },
    }),
    ...(tcpSocket && { tcpSocket: { port: tcpSocket.port } }),
    initialDelaySeconds: probe.initialDelaySeconds ?? 0,
    periodSeconds: probe.periodSeconds ?? 10,
    timeoutSeconds: probe.timeoutSeconds ?? 1,
    failureThreshold: probe.failureThreshold ?? 3,
    successThreshold: probe.successThreshold ?? 1,
  };
}
