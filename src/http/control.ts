import { Router } from "express";
import type { AdjustableClock } from "../pool/clock.js";
import type { SessionView } from "../pool/session.js";
import type { CertificateAuthority } from "../tls/certificate-authority.js";
import type { Metrics } from "./metrics.js";
import { sendJson } from "./respond.js";
import { poolAlias, poolEndpoint, type ServedPool } from "./served-pool.js";
import { tokenRouter } from "./token.js";
import type { TokenAuthority } from "./token-authority.js";

/** What the control API tells and does (design, section 5). */
export interface ControlContext {
  version: string;
  runtime: string;
  /** Why this runtime was chosen. */
  reason: string;
  pools: ReadonlyMap<string, ServedPool>;
  clock: AdjustableClock;
  authority: TokenAuthority;
  port(): number;
  /** What a pool still lacks before it can take a request; undefined when nothing. */
  missing(served: ServedPool): Promise<string | undefined>;
  /** Limits of the pools that the runtime cannot put in force, each with the reason. */
  limitsNotInForce(): Promise<string[]>;
  /** Signs what the emulator answers https with. */
  certificates(): Promise<CertificateAuthority>;
  /** What `/metrics` shows. */
  metrics: Metrics;
}

/** Longest step of `/clock`: far timers must stay within what dates can say. */
const LONGEST_ADVANCE_SECONDS = 366 * 24 * 3600;

/** Routes below `/_emulator`. */
export function controlRouter(context: ControlContext): Router {
  const router = Router();
  const { pools, clock } = context;

  router.get("/health", (_req, res) => {
    const { version, runtime, reason } = context;
    sendJson(res, 200, { status: "healthy", version, runtime, reason });
  });

  router.get("/ready", async (_req, res) => {
    const missing: { pool: string; missing: string }[] = [];
    for (const served of pools.values()) {
      const what = await context.missing(served);
      if (what !== undefined) missing.push({ pool: served.config.name, missing: what });
    }
    sendJson(res, missing.length === 0 ? 200 : 503, { ready: missing.length === 0, missing });
  });

  router.get("/pools", async (_req, res) => {
    const notInForce = await context.limitsNotInForce().catch((error: Error) => [error.message]);
    const value = [...pools.values()].map((served) => describePool(served, context.port(), notInForce));
    sendJson(res, 200, { value });
  });

  router.get("/sessions", (_req, res) => {
    const value = [...pools.values()].flatMap(({ pool }) => pool.list().map(describeSession));
    sendJson(res, 200, { value });
  });

  router.get("/ca.pem", async (_req, res) => {
    const { certificate } = await context.certificates();
    res.type("application/x-pem-file").send(certificate);
  });

  router.get("/metrics", async (_req, res) => {
    res.type(context.metrics.contentType).send(await context.metrics.render(pools.values()));
  });

  router.post("/reset", async (_req, res) => {
    await Promise.all([...pools.values()].map(({ pool }) => pool.reset("POST /_emulator/reset")));
    res.status(204).end();
  });

  router.post("/clock", async (req, res) => {
    const seconds = await readAdvance(req);
    if (seconds === undefined) {
      const message = `send {"advanceSeconds": n} with a number from 0 to ${LONGEST_ADVANCE_SECONDS}; time never goes back`;
      sendJson(res, 400, { error: { code: "InvalidClockRequest", message } });
      return;
    }
    clock.advance(seconds * 1000);
    sendJson(res, 200, { now: new Date(clock.now()).toISOString() });
  });

  router.use(tokenRouter(context.authority, () => clock.now()));

  router.use((req, res) => {
    const message = `there is no ${req.method} /_emulator${req.path}; there are GET health, ready, pools, sessions, metrics, ca.pem, token, msi/token and POST reset, clock`;
    sendJson(res, 404, { error: { code: "ControlRouteNotFound", message } });
  });
  return router;
}

async function readAdvance(req: AsyncIterable<Buffer>): Promise<number | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  try {
    const { advanceSeconds } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    const valid = Number.isFinite(advanceSeconds) && advanceSeconds >= 0;
    return valid && advanceSeconds <= LONGEST_ADVANCE_SECONDS ? advanceSeconds : undefined;
  } catch {
    return undefined;
  }
}

function describePool({ config, pool }: ServedPool, port: number, notInForce: string[]) {
  const sessions = pool.list();
  return {
    name: config.name,
    containerType: config.containerType,
    endpoint: poolEndpoint(config, port),
    alias: poolAlias(config, port),
    image: config.image,
    targetPort: config.targetPort,
    max: config.maxConcurrentSessions,
    ready: pool.ready,
    allocated: sessions.filter((session) => session.state === "allocated").length,
    starting: sessions.filter((session) => session.state === "warming").length,
    lifecycleType: config.lifecycleType,
    ...(config.lifecycleType === "Timed"
      ? { cooldownPeriodInSeconds: config.cooldownPeriodInSeconds }
      : { maxAlivePeriodInSeconds: config.maxAlivePeriodInSeconds }),
    sessionNetworkStatus: config.sessionNetworkStatus,
    readySessionInstances: config.readySessionInstances,
    allocations: { ...pool.counts },
    limits: {
      cpu: config.cpu,
      memoryBytes: config.memoryBytes,
      ephemeralStorageBytes: config.ephemeralStorageBytes,
      notInForce,
    },
    ...(pool.warmError instanceof Error && { problem: pool.warmError.message }),
  };
}

function describeSession(session: SessionView) {
  const time = (ms: number) => new Date(ms).toISOString();
  return {
    pool: session.pool,
    identifier: session.identifier,
    state: session.state,
    container: session.container ?? null,
    createdAt: time(session.createdAt),
    lastAccessedAt: time(session.lastAccessedAt),
    expiresAt: time(session.expiresAt),
    requestsUnderWay: session.inFlight,
  };
}
