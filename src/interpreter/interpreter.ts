import http from "node:http";
import type { AddressInfo, ListenOptions } from "node:net";
import { createApp } from "./api/app.js";
import { answerBadHttp } from "./api/bad-http.js";
import type { Health } from "./api/health-routes.js";
import type { Settings } from "./config/settings.js";
import { Executor } from "./execution/executor.js";
import type { KernelServer } from "./execution/kernel-server.js";
import { FileStore } from "./files/store.js";
import { JupyterRest } from "./jupyter/rest.js";
import { allKernels, configuredKernels, healthMonitors, kernelsAtStart } from "./kernels.js";
import type { Log } from "./log.js";
import { runCommand } from "./shell/command.js";
import { serveShellSocket } from "./shell/socket.js";

/** Longer than any pool of connections keeps one idle, so that no request meets a closing connection. */
const KEEP_ALIVE_MS = 75_000;
/** Requests still running get this long to finish when the interpreter is told to stop. */
const SHUTDOWN_GRACE_MS = 1_500;

/** What an interpreter needs. */
export interface InterpreterOptions {
  settings: Settings;
  log: Log;
  /** Address to listen on; default all. */
  host?: string;
  /** Overrides the configured port; 0 for any. */
  port?: number;
  /** Unix socket to listen on instead of a port. */
  socketPath?: string;
  /** Where kernels come from; default the configured Jupyter server. */
  kernelServer?: KernelServer;
  /** Folder that is the data directory, where this process does not find it under its configured path. */
  dataFolder?: string;
  /** Called when no kernel can be had any more: the session is of no further use. */
  onHopeless?: (reason: Error) => void;
}

/** A running interpreter. */
export interface Interpreter {
  /** 0 on a unix socket. */
  port: number;
  close(): Promise<void>;
}

/** Starts the REST API and, in Jupyter mode, the kernels behind it. Requests are taken at once and wait. */
export async function startInterpreter(options: InterpreterOptions): Promise<Interpreter> {
  const { settings, log } = options;
  for (const warning of settings.warnings) log.warn(warning);
  const { dataDirectoryPath, enableFullPathAccess } = settings.file.spec.fileOperation;
  const store = new FileStore({
    root: withoutSlash(dataDirectoryPath),
    fullAccess: enableFullPathAccess,
    ...(options.dataFolder !== undefined && { folder: options.dataFolder }),
  });
  await store.prepare();
  const engine =
    settings.kernelName === undefined ? shellEngine(settings) : kernelEngine(settings.kernelName, options);
  const app = createApp({ settings, store, executor: engine.executor, health: engine.health, log });
  const server = http.createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, app);
  answerBadHttp(server);
  const endConversations = engine.executor === undefined ? serveShellSocket(server, settings) : () => {};
  const { socketPath, host } = options;
  await listen(
    server,
    socketPath === undefined
      ? { port: options.port ?? settings.port, ...(host && { host }) }
      : { path: socketPath },
  );
  const port = socketPath === undefined ? (server.address() as AddressInfo).port : 0;
  log.info("interpreter is listening", { at: socketPath ?? port, kernel: settings.kernelName ?? "shell" });
  return { port, close: () => stop(server, [engine.close, endConversations]) };
}

interface Engine {
  executor: Executor | undefined;
  health: Health;
  close(): void;
}

function kernelEngine(name: string, options: InterpreterOptions): Engine {
  const { settings, log, onHopeless } = options;
  const kernelServer = options.kernelServer ?? new JupyterRest(settings.jupyter);
  const kernels = configuredKernels(settings, name, kernelServer, log);
  const all = allKernels(kernels);
  const atStart = kernelsAtStart(kernels, settings);
  for (const kernel of atStart) {
    // A kernel that was started on demand is not the session: its runs fail, the others go on.
    kernel.on("hopeless", (reason) => onHopeless?.(reason));
    kernel.start();
  }
  const monitors = healthMonitors(atStart, settings);
  for (const monitor of monitors) monitor.start();
  const timeoutMs = settings.file.spec.healthProbe.timeoutSeconds * 1000;
  return {
    executor: new Executor(kernels),
    health: {
      isStarted: () => atStart.every((kernel) => kernel.isPrepared),
      isHealthy: async () =>
        monitors.every((monitor) => monitor.isHealthy) &&
        (await Promise.all(atStart.map((kernel) => kernel.isHealthy(timeoutMs)))).every(Boolean),
    },
    close: () => {
      for (const monitor of monitors) monitor.stop();
      for (const kernel of all) kernel.close();
      kernelServer.close();
    },
  };
}

function shellEngine(settings: Settings): Engine {
  const { timeoutSeconds } = settings.file.spec.healthProbe;
  const directory = settings.file.spec.fileOperation.dataDirectoryPath;
  const isHealthy = async () => {
    const probe = { argv: ["/bin/sh", "-c", "echo 1"], timeoutSeconds, outputLimit: 16, directory };
    return (await runCommand(probe)).exitCode === 0;
  };
  return { executor: undefined, health: { isStarted: () => true, isHealthy }, close: () => {} };
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}

function listen(server: http.Server, address: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function stop(server: http.Server, endings: (() => void)[]): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => {
    for (const end of endings) end();
    server.closeAllConnections();
  }, SHUTDOWN_GRACE_MS);
  await closed;
  clearTimeout(force);
  for (const end of endings) end();
}
