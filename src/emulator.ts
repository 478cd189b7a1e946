import os from "node:os";
import type { Logger } from "pino";
import type { EmulatorOptions } from "./config/options.js";
import type { PoolConfig } from "./config/pool-config.js";
import { createApp } from "./http/app.js";
import { metadataReader } from "./http/built-in/metadata.js";
import { Metrics } from "./http/metrics.js";
import { poolAlias, poolEndpoint, type ServedPool } from "./http/served-pool.js";
import { TokenAuthority } from "./http/token-authority.js";
import { type Listening, listen } from "./listen.js";
import { createLogger } from "./logger.js";
import { AdjustableClock } from "./pool/clock.js";
import { Limiter } from "./pool/limiter.js";
import { Pool } from "./pool/pool.js";
import type { PoolEvent, PoolSettings } from "./pool/settings.js";
import { chooseRuntime } from "./runtime/choose.js";
import { InstanceLoans } from "./runtime/loan.js";
import type { InstanceSpec, SessionRuntime } from "./runtime/runtime.js";
import { openStateDir } from "./state/state-dir.js";
import { CertificateAuthority } from "./tls/certificate-authority.js";
import { packageVersion } from "./version.js";

/** Instances that are made ready at the same time, over all pools. */
const REFILLS_AT_A_TIME = 2;

/** Everything an emulator is started with; the command line's settings plus the pools. */
export type StartOptions = Omit<EmulatorOptions, "config" | "image" | "targetPort"> & {
  pools: PoolConfig[];
  /**
   * Start one instance of every custom pool before the emulator takes requests, so that a wrong image or
   * port is an error of the start and not of the first request. Default true.
   */
  verifyPools?: boolean;
  /** Names of pools that are left out, and said to be, where the runtime cannot run them. Default none. */
  optionalPools?: readonly string[];
  /** Where the log goes; default `stdout`. */
  logOutput?: "stdout" | "stderr";
  /** Takes one line for a person whenever start-up takes a step that is worth waiting for. */
  onProgress?(line: string): void;
  /** Ends a start that is under way; what it had begun is removed. */
  signal?: AbortSignal;
};

/** A running emulator. */
export interface Emulator {
  /** Where it answers: `http://localhost:4380`. */
  url: string;
  runtime: string;
  /** Why this runtime: `Docker 28.0 at /var/run/docker.sock`. */
  reason: string;
  /** What a person should know before using it, one line each: pools left out, settings without effect. */
  notes: string[];
  pools: { name: string; containerType: string; endpoint: string; alias: string }[];
  /** Ends every session, removes everything of the emulator's from the engine and frees the port. */
  close(): Promise<void>;
}

/**
 * Starts an emulator. The composition root: every part is made here and handed to the parts that use it.
 * Rejects with nothing left running.
 * @throws RuntimeError when no runtime is to be had, an image is missing or a pool cannot start
 */
export async function startEmulator(options: StartOptions): Promise<Emulator> {
  const state = await openStateDir(options.stateDir);
  const undo: (() => Promise<unknown>)[] = [() => state.release()];
  const close = async () => {
    for (const step of undo.splice(0)) await step();
  };
  const keep = options.keepContainers;
  try {
    const logger = createLogger(options.logFormat, options.logLevel, options.logOutput);
    const progress = options.onProgress ?? (() => undefined);
    const signal = options.signal ?? new AbortController().signal;
    const { runtime, reason, refusal, ...chosen } = await chooseRuntime({ ...options, state });
    undo.unshift(() => runtime.close({ keep }));
    const isLeftOut = (config: PoolConfig) =>
      options.optionalPools?.includes(config.name) === true && refusal(specOf(config)) !== undefined;
    const configs = options.pools.filter((config) => !isLeftOut(config));
    const specs = configs.map(specOf);
    const leftOut = options.pools.filter(isLeftOut).map((config) => `Left out: ${refusal(specOf(config))}.`);
    const notes = [...leftOut, ...chosen.notes(specs)];
    for (const spec of specs) await runtime.prepare(spec, progress, signal);

    const clock = new AdjustableClock();
    const limiter = new Limiter(REFILLS_AT_A_TIME);
    const onEvent = (event: PoolEvent) => logPoolEvent(logger, event);
    const pools = new Map<string, ServedPool>();
    for (const config of configs) {
      const pool = new Pool(settingsOf(config), { runtime, clock, limiter, onEvent });
      pools.set(config.name, { config, pool });
    }
    const loans = new InstanceLoans(runtime);
    undo.unshift(() => loans.close());
    const all = [...pools.values()];
    undo.unshift(() => Promise.all(all.map(({ pool }) => (keep ? pool.abandon() : pool.close()))));
    await adopt(runtime, pools, specs);
    if (options.verifyPools ?? true) await verify(all, progress, signal);
    for (const { pool } of all) pool.start();

    let authority: Promise<CertificateAuthority> | undefined;
    const certificates = () => {
      authority ??= state.authority().then((kept) => new CertificateAuthority(kept));
      return authority;
    };
    let listening: Listening | undefined;
    const port = () => listening?.port ?? options.port;
    const app = createApp({
      version: packageVersion(),
      runtime: runtime.kind,
      reason,
      pools,
      clock,
      port,
      logger,
      strict: options.strict,
      checkTokens: options.auth === "strict",
      authority: new TokenAuthority(state.tokenSecret, () => clock.now()),
      metadata: metadataReader(
        ({ config }, use) => loans.lend(specOf(config), use),
        () => clock.now(),
      ),
      trustedHosts: [options.host.toLowerCase(), os.hostname().toLowerCase()],
      missing: ({ config }) => runtime.missing(specOf(config)),
      limitsNotInForce: () => runtime.limitsNotInForce(),
      certificates,
      metrics: new Metrics(),
    });
    listening = await listen({ app, certificates, host: options.host, port: options.port });
    undo.unshift(listening.close);
    return {
      url: `http://${urlHost(options.host)}:${port()}`,
      runtime: runtime.kind,
      reason,
      notes,
      pools: configs.map((config) => ({
        name: config.name,
        containerType: config.containerType,
        endpoint: poolEndpoint(config, port()),
        alias: poolAlias(config, port()),
      })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function urlHost(host: string): string {
  if (["127.0.0.1", "::1", "0.0.0.0", "::", "localhost"].includes(host)) return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}

/** What instances of a pool are started from. */
export function specOf(config: PoolConfig): InstanceSpec {
  return {
    pool: config.name,
    image: config.image,
    ...(config.command && { command: config.command }),
    ...(config.args && { args: config.args }),
    env: config.env,
    targetPort: config.targetPort,
    cpu: config.cpu,
    memoryBytes: config.memoryBytes,
    diskBytes: config.ephemeralStorageBytes,
    egress: config.sessionNetworkStatus === "EgressEnabled",
    probes: config.probes,
  };
}

function settingsOf(config: PoolConfig): PoolSettings {
  return {
    name: config.name,
    spec: specOf(config),
    maxConcurrentSessions: config.maxConcurrentSessions,
    readySessionInstances: config.readySessionInstances,
    lifecycle:
      config.lifecycleType === "Timed"
        ? { type: "Timed", cooldownMs: config.cooldownPeriodInSeconds * 1000 }
        : { type: "OnContainerExit", maxAliveMs: config.maxAlivePeriodInSeconds * 1000 },
  };
}

/** Sessions that an earlier emulator left go on in their pools. */
async function adopt(
  runtime: SessionRuntime,
  pools: ReadonlyMap<string, ServedPool>,
  specs: readonly InstanceSpec[],
): Promise<void> {
  for (const { instance, record } of await runtime.recover(specs)) {
    const adopted = pools.get(record.pool)?.pool.adopt(instance, record) ?? false;
    if (!adopted) await runtime.destroy(instance);
  }
}

/** Custom pools show that they work; a first instance of theirs is ready then. */
async function verify(
  pools: readonly ServedPool[],
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const { config, pool } of pools) {
    if (config.containerType !== "CustomContainer") continue;
    progress(`Trying pool '${config.name}': ${config.image} on port ${config.targetPort}`);
    await pool.verify(signal);
  }
}

function logPoolEvent(logger: Logger, event: PoolEvent): void {
  const { type, pool, identifier } = event;
  if (type === "failure") {
    logger.error({ pool, identifier, err: event.error }, `session ${event.what}`);
    return;
  }
  const { container, from, to, reason } = event;
  logger.info({ pool, identifier, container, from, to, reason }, "session");
}
