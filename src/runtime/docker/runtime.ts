import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { awaitReady } from "../readiness/await-ready.js";
import { probedPorts } from "../readiness/rule.js";
import {
  type Instance,
  type InstanceExit,
  type InstanceOwner,
  type InstanceSpec,
  RuntimeError,
  type SessionRuntime,
} from "../runtime.js";
import { engineError, isGone } from "./engine.js";
import { LABEL } from "./labels.js";
import { listeningPorts } from "./listening.js";
import { execInContainer, lastLogLines } from "./logs.js";
import { createSessionNetwork } from "./network.js";
import { prepareImages } from "./prepare.js";
import { hasImage } from "./pull.js";
import { createRelay } from "./relay.js";
import { createSessionContainer } from "./session-container.js";
import { Teardown } from "./teardown.js";

const LOG_LINES_IN_ERRORS = 20;
const WATCH_AGAIN_AFTER_MS = 1_000;

/** What a Docker runtime is made of. */
export interface DockerRuntimeOptions {
  docker: Docker;
  /** Value of the `dynamic-sessions.emulator` label. */
  emulatorId: string;
  /** Folder for sockets; short, since a socket's path may have about 100 characters. */
  stateDir: string;
  relayImage: string;
  startupTimeoutMs: number;
  /** Another OCI runtime, such as `runsc` or `kata`. */
  ociRuntime?: string;
}

/** One container per session, reached only through the relay that holds its network namespace. */
export class DockerRuntime implements SessionRuntime {
  readonly kind = "docker";
  private readonly teardowns = new Map<string, Teardown>();
  private closed = false;

  constructor(private readonly options: DockerRuntimeOptions) {}

  async prepare(spec: InstanceSpec, onProgress: (line: string) => void, signal: AbortSignal): Promise<void> {
    const { docker, relayImage } = this.options;
    try {
      await prepareImages(docker, [relayImage, spec.image], onProgress, signal);
    } catch (error) {
      throw this.explain(spec, error, signal);
    }
  }

  async missing(spec: InstanceSpec): Promise<string | undefined> {
    const { docker, relayImage } = this.options;
    try {
      for (const image of [relayImage, spec.image]) {
        if (!(await hasImage(docker, image))) return `the engine has no image '${image}'`;
      }
      return undefined;
    } catch (error) {
      return `the Docker engine does not answer: ${engineError(error).message}`;
    }
  }

  async create(spec: InstanceSpec, owner: InstanceOwner, signal: AbortSignal): Promise<Instance> {
    const name = `dse-${spec.pool}-${randomBytes(4).toString("hex")}`;
    const teardown = new Teardown(this.options.docker);
    try {
      const instance = await this.start(name, spec, owner, signal, teardown);
      this.teardowns.set(instance.id, teardown);
      return instance;
    } catch (error) {
      await teardown.run();
      throw this.explain(spec, error, signal);
    }
  }

  async destroy(instance: Instance): Promise<void> {
    instance.endpoint.close();
    await this.teardowns.get(instance.id)?.run();
    this.teardowns.delete(instance.id);
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled([...this.teardowns.values()].map((teardown) => teardown.run()));
    this.teardowns.clear();
    await this.sweep();
  }

  private async start(
    name: string,
    spec: InstanceSpec,
    owner: InstanceOwner,
    signal: AbortSignal,
    teardown: Teardown,
  ): Promise<Instance> {
    const { docker, emulatorId, stateDir, relayImage, startupTimeoutMs, ociRuntime } = this.options;
    const socketFolder = path.join(stateDir, "s", name.slice(-8));
    teardown.folder(socketFolder);
    const network = spec.egress
      ? await createSessionNetwork(docker, { name, emulatorId, pool: spec.pool })
      : "none";
    if (spec.egress) teardown.network(network);
    const ports = probedPorts(spec);
    const relay = await createRelay(docker, {
      emulatorId,
      pool: spec.pool,
      name,
      image: relayImage,
      socketFolder,
      ports,
      network,
    });
    teardown.container(relay.containerId);
    const creating = createSessionContainer(docker, {
      emulatorId,
      name,
      spec,
      owner,
      relayContainerId: relay.containerId,
      ociRuntime,
    }).then((created) => {
      teardown.container(created.id);
      return created;
    });
    const relayStarting = relay.start();
    // Both must have settled before a teardown, or a container created late would be left behind.
    await Promise.allSettled([creating, relayStarting]);
    const container = await creating;
    await relayStarting;
    signal.throwIfAborted();
    await container.start();
    const exited = this.watch(container);
    await awaitReady(
      {
        spec,
        exited,
        endpoint: relay.endpoint,
        logs: () => lastLogLines(docker, container.id, LOG_LINES_IN_ERRORS),
        listening: async () =>
          listeningPorts(
            await execInContainer(docker, relay.containerId, ["cat", "/proc/net/tcp", "/proc/net/tcp6"]),
          ),
      },
      { startupTimeoutMs, signal },
    );
    return { id: container.id, name, endpoint: relay.endpoint(spec.targetPort), exited };
  }

  /** Follows a container to its end, also when the engine is away for a while. */
  private async watch(container: Docker.Container): Promise<InstanceExit> {
    for (;;) {
      try {
        const { StatusCode } = (await container.wait()) as { StatusCode: number };
        const state = await container.inspect().catch(() => undefined);
        return { exitCode: StatusCode, oomKilled: state?.State.OOMKilled ?? false };
      } catch (error) {
        if (isGone(error) || this.closed) return { exitCode: -1, oomKilled: false };
        await sleep(WATCH_AGAIN_AFTER_MS, undefined, { ref: false });
      }
    }
  }

  /** The engine's errors in the words of the runtime. */
  private explain(spec: InstanceSpec, error: unknown, signal: AbortSignal): RuntimeError {
    if (error instanceof RuntimeError) return error;
    if (signal.aborted) {
      return new RuntimeError("aborted", `pool '${spec.pool}': the session ended while it was starting`);
    }
    const { status, message } = engineError(error);
    const missing = status === 404 && /no such image/i.test(message);
    if (missing && message.includes(this.options.relayImage.split(":")[0] ?? "")) {
      return new RuntimeError(
        "image-missing",
        `the image '${this.options.relayImage}' is missing: run npm run images`,
      );
    }
    if (missing) {
      return new RuntimeError(
        "image-missing",
        `pool '${spec.pool}': the engine has no image '${spec.image}': build or pull it, or correct the pool's 'image'`,
      );
    }
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ECONNREFUSED" || code === "ENOENT" || code === "ECONNRESET") {
      return new RuntimeError(
        "engine-unavailable",
        `the Docker engine does not answer (${message}): is it running?`,
      );
    }
    return new RuntimeError(
      "start-failed",
      `pool '${spec.pool}': the engine could not start '${spec.image}': ${message}`,
    );
  }

  /** Removes what an earlier failure may have left of this emulator. */
  private async sweep(): Promise<void> {
    const { docker, emulatorId } = this.options;
    const filters = { label: [`${LABEL.emulator}=${emulatorId}`] };
    const teardown = new Teardown(docker);
    for (const { Id } of await docker.listContainers({ all: true, filters })) teardown.container(Id);
    for (const { Id } of await docker.listNetworks({ filters })) teardown.network(Id);
    await teardown.run();
    await fs.rm(path.join(this.options.stateDir, "s"), { recursive: true, force: true });
  }
}
