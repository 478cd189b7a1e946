import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Docker from "dockerode";
import { RuntimeError } from "../runtime.js";

/** Longest wait for an engine to say that it is there. */
const PING_TIMEOUT_MS = 3_000;

/** An engine that answered. */
export interface Engine {
  docker: Docker;
  /** The same engine, for calls that fail when it says nothing for so many milliseconds. */
  within(timeoutMs: number): Docker;
  /** Address for people: a socket path or a URL. */
  address: string;
  version: string;
}

/**
 * The first Docker engine that answers: `dockerHost` or `DOCKER_HOST` alone when one is set, otherwise the
 * usual sockets (Docker, rootless Docker, Docker Desktop, Colima, Podman). A `docker` command on the path
 * proves nothing.
 * @param dockerHost address as in `DOCKER_HOST`, which it overrides
 * @throws RuntimeError `engine-unavailable` that names every address tried and `npm run engine`
 */
export async function findEngine(dockerHost?: string, env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  const tried: string[] = [];
  for (const candidate of candidates(dockerHost, env)) {
    try {
      const docker = candidate.connect();
      const version = await withTimeout(docker.version(), PING_TIMEOUT_MS);
      const within = (timeout: number) => candidate.connect({ timeout });
      return { docker, within, address: candidate.address, version: version.Version };
    } catch (error) {
      tried.push(`${candidate.address}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new RuntimeError(
    "engine-unavailable",
    `no Docker engine answers (${tried.join("; ") || "no socket found"}). Start Docker, or run: npm run engine`,
  );
}

interface Candidate {
  address: string;
  connect(more?: Docker.DockerOptions): Docker;
}

function candidates(dockerHost: string | undefined, env: NodeJS.ProcessEnv): Candidate[] {
  if (dockerHost)
    return [{ address: dockerHost, connect: (more) => new Docker({ ...connectionTo(dockerHost), ...more }) }];
  if (env.DOCKER_HOST) return [{ address: env.DOCKER_HOST, connect: (more) => new Docker(more) }];
  const home = os.homedir();
  const sockets = [
    "/var/run/docker.sock",
    env.XDG_RUNTIME_DIR && path.join(env.XDG_RUNTIME_DIR, "docker.sock"),
    path.join(home, ".docker/run/docker.sock"),
    path.join(home, ".colima/default/docker.sock"),
    env.XDG_RUNTIME_DIR && path.join(env.XDG_RUNTIME_DIR, "podman/podman.sock"),
  ];
  return sockets
    .filter((socket): socket is string => Boolean(socket) && fs.existsSync(String(socket)))
    .map((socket) => ({ address: socket, connect: (more) => new Docker({ socketPath: socket, ...more }) }));
}

/** dockerode reads `DOCKER_HOST` only from the environment; the same spelling as an option. */
function connectionTo(dockerHost: string): Docker.DockerOptions {
  const url = new URL(dockerHost);
  if (url.protocol === "unix:") return { socketPath: url.pathname };
  const protocol = url.protocol === "https:" ? "https" : url.protocol === "ssh:" ? "ssh" : "http";
  return {
    protocol,
    host: url.hostname,
    port: url.port || (protocol === "ssh" ? 22 : 2375),
    ...(url.username && { username: url.username }),
  };
}

async function withTimeout<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** The engine's own words and HTTP status inside a dockerode error. */
export function engineError(error: unknown): { status: number | undefined; message: string } {
  const fields = error as { statusCode?: number; json?: { message?: string }; message?: string };
  return {
    status: fields.statusCode,
    message: (fields.json?.message ?? fields.message ?? String(error)).replace(/\s+/g, " ").trim(),
  };
}

/** True when the thing that was asked for does not exist, or is being removed already. */
export function isGone(error: unknown): boolean {
  const { status, message } = engineError(error);
  return status === 404 || (status === 409 && /already in progress|is not running/.test(message));
}
