import { existsSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { homedir } from "node:os";
import { join } from "node:path";
import { ScriptError } from "./project.mjs";

/** The socket that an engine on this machine listens on unless told otherwise. */
export const usualSocket = "/var/run/docker.sock";

/** Longest wait for an engine to say that it is there. */
const pingTimeoutMs = 3_000;

/**
 * Where an engine may answer: DOCKER_HOST alone when it is set, else the usual sockets of Docker, rootless Docker,
 * Docker Desktop, Colima and Podman (as src/runtime/docker/engine.ts, which cannot be asked before the build).
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string[]} addresses as DOCKER_HOST writes them
 */
export function engineAddresses(environment) {
  if (environment.DOCKER_HOST) return [environment.DOCKER_HOST];
  if (process.platform === "win32") return ["npipe:////./pipe/docker_engine"];
  const runtimeFolder = environment.XDG_RUNTIME_DIR;
  return [
    usualSocket,
    ...(runtimeFolder ? [join(runtimeFolder, "docker.sock")] : []),
    join(homedir(), ".docker/run/docker.sock"),
    join(homedir(), ".colima/default/docker.sock"),
    ...(runtimeFolder ? [join(runtimeFolder, "podman/podman.sock")] : []),
  ].map((socket) => `unix://${socket}`);
}

/**
 * How Node's http reaches an engine's address.
 * @returns {{ secure: boolean, options: object } | undefined} undefined when it is of a kind that http cannot reach (ssh)
 */
export function connectionTo(address, environment) {
  const socket = /^(?:unix|npipe):\/\/(.+)$/.exec(address)?.[1];
  if (socket !== undefined) return { secure: false, options: { socketPath: socket } };
  const [, scheme, host, port] = /^(tcp|http|https):\/\/(\[[^\]]+\]|[^/:]+)(?::(\d+))?/.exec(address) ?? [];
  if (scheme === undefined) return undefined;
  const secure = scheme === "https" || Boolean(environment.DOCKER_TLS_VERIFY);
  const folder = environment.DOCKER_CERT_PATH ?? join(homedir(), ".docker");
  const certificate = (name) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : undefined;
  return {
    secure,
    options: {
      host: host.replace(/^\[|\]$/g, ""),
      port: Number(port ?? (secure ? 2376 : 2375)),
      ...(secure && {
        ca: certificate("ca.pem"),
        cert: certificate("cert.pem"),
        key: certificate("key.pem"),
      }),
    },
  };
}

/** Opens a request to the engine's API; the caller ends it. */
export function engineRequest(address, options, environment = process.env) {
  const connection = connectionTo(address, environment);
  if (connection === undefined) throw new Error(`an address of this kind cannot be asked: ${address}`);
  const open = connection.secure ? httpsRequest : httpRequest;
  return open({ headers: { host: "docker" }, ...connection.options, ...options });
}

/** Asks whether an engine answers (`GET /_ping`). @returns {Promise<string | undefined>} why not, undefined when it does */
export function ping(address, environment = process.env) {
  return new Promise((resolve) => {
    let request;
    try {
      request = engineRequest(address, { path: "/_ping", timeout: pingTimeoutMs }, environment);
    } catch (error) {
      resolve(error.message);
      return;
    }
    request.once("response", (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`);
    });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${pingTimeoutMs / 1000} s`)));
    request.once("error", (error) => resolve(error.code ?? error.message));
    request.end();
  });
}

/**
 * The first engine that answers.
 * @returns {Promise<{ address?: string, tried: { address: string, problem: string }[] }>}
 */
export async function findEngine(environment = process.env) {
  const tried = [];
  for (const address of engineAddresses(environment)) {
    const problem = await ping(address, environment);
    if (problem === undefined) return { address, tried };
    tried.push({ address, problem });
  }
  return { tried };
}

/** The engine's version, for people. */
export async function engineVersion(address) {
  const { body } = await call(address, "GET", "/version");
  return JSON.parse(body).Version;
}

/** One call whose answer fits in memory. @returns {Promise<{ status: number, body: string }>} */
export function call(address, method, path, { idleMs = 30_000 } = {}) {
  return new Promise((resolve, reject) => {
    const request = engineRequest(address, { method, path, timeout: idleMs });
    request.once("response", (response) => resolve(answerOf(response)));
    request.once("timeout", () => request.destroy(new Error(`nothing heard for ${idleMs / 1000} s`)));
    request.once("error", reject);
    request.end();
  });
}

/** Reads a whole answer. */
export async function answerOf(response) {
  response.setEncoding("utf8");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

/** The addresses asked in vain, for a message. @param {{ address: string, problem: string }[]} tried */
export function askedInVain(tried) {
  const list = tried.map(({ address, problem }) => `${address} (${problem})`).join(", ");
  return `No Docker engine answers; asked ${list}.`;
}

/** The engine that answers. Starts none: says how to. @returns {Promise<string>} its address */
export async function requireEngine(environment = process.env) {
  const { address, tried } = await findEngine(environment);
  if (address !== undefined) return address;
  throw new ScriptError(`${askedInVain(tried)}\nStart Docker, or run: npm run engine`);
}
