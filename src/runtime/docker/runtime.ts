import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { failedLiveness } from "../readiness/liveness.js";
import type { Instance, InstanceOwner, InstanceSpec, SessionRecord, SessionRuntime } from "../runtime.js";
import { engineError, isGone } from "./engine.js";
import { explain } from "./explain.js";
import { prepareImages } from "./prepare.js";
import { hasImage } from "./pull.js";
import { writeRecord } from "./record.js";
import { recoverInstances } from "./recover.js";
import { relayEndpoints } from "./relay.js";
import { instanceFolder, startInstance } from "./start-instance.js";
import { sweep } from "./sweep.js";
import { Teardown } from "./teardown.js";
import { watchExit } from "./watch.js";

/** What a Docker runtime is made of. */
export interface DockerRuntimeOptions {
  docker: Docker;
  /** Value of the `dynamic-sessions.emulator` label. */
  emulatorId: string;
  /** Folder for sockets and records; short, since a socket's path may have about 100 characters. */
  stateDir: string;
  relayImage: string;
  startupTimeoutMs: number;
  /** Another OCI runtime, such as `runsc` or `kata`. */
  ociRuntime?: string;
  /** Called when everything is removed, or left as asked. */
  onClosed?(): void;
}

/** What the runtime knows of an instance beside what it shows. */
interface Held {
  spec: InstanceSpec;
  teardown: Teardown;
  paused: boolean;
  /** Ends what goes on around the instance. */
  over: AbortController;
}

/** One container per session, reached only through the relay that holds its network namespace. */
export class DockerRuntime implements SessionRuntime {
  readonly kind = "docker";
  private readonly held = new Map<string, Held>();
  private closed = false;

  constructor(private readonly options: DockerRuntimeOptions) {}

  async prepare(spec: InstanceSpec, onProgress: (line: string) => void, signal: AbortSignal): Promise<void> {
    const { docker, relayImage } = this.options;
    try {
      await prepareImages(docker, [relayImage, spec.image], onProgress, signal);
    } catch (error) {
      throw explain(error, { spec, relayImage, signal });
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
    const { docker, relayImage } = this.options;
    const name = `dse-${spec.pool}-${randomBytes(4).toString("hex")}`;
    const teardown = new Teardown(docker);
    try {
      const watch = (container: Docker.Container) => watchExit(container, () => this.closed);
      const started = await startInstance(
        { ...this.options, watch },
        { name, spec, owner, signal, teardown },
      );
      return this.hold(started, spec, teardown);
    } catch (error) {
      await teardown.run();
      throw explain(error, { spec, relayImage, signal });
    }
  }

  async pause(instance: Instance): Promise<void> {
    instance.endpoint.close();
    const held = this.held.get(instance.id);
    if (held) held.paused = true;
    await this.options.docker.getContainer(instance.id).pause();
  }

  async resume(instance: Instance): Promise<void> {
    await this.options.docker.getContainer(instance.id).unpause();
    const held = this.held.get(instance.id);
    if (held) held.paused = false;
  }

  async remember(instance: Instance, record: SessionRecord): Promise<void> {
    const held = this.held.get(instance.id);
    if (held) await writeRecord(instanceFolder(this.options.stateDir, instance.name), record, held.spec);
  }

  async recover(specs: readonly InstanceSpec[]): Promise<{ instance: Instance; record: SessionRecord }[]> {
    const recovered = await recoverInstances(this.options, specs);
    return recovered.map(({ container, name, spec, record, teardown }) => {
      const endpoint = relayEndpoints(instanceFolder(this.options.stateDir, name))(spec.targetPort);
      const exited = watchExit(container, () => this.closed);
      return { instance: this.hold({ id: container.id, name, endpoint, exited }, spec, teardown), record };
    });
  }

  async destroy(instance: Instance): Promise<void> {
    instance.endpoint.close();
    const held = this.held.get(instance.id);
    held?.over.abort();
    await held?.teardown.run();
    this.held.delete(instance.id);
  }

  async close({ keep }: { keep: boolean } = { keep: false }): Promise<void> {
    this.closed = true;
    for (const { over } of this.held.values()) over.abort();
    if (keep) return this.options.onClosed?.();
    await Promise.allSettled([...this.held.values()].map(({ teardown }) => teardown.run()));
    this.held.clear();
    const { docker, emulatorId, stateDir } = this.options;
    await sweep(docker, emulatorId, stateDir).catch((error: unknown) => {
      // An engine that is gone has nothing left that could be removed.
      if (!isGone(error) && engineError(error).status !== undefined) throw error;
    });
    this.options.onClosed?.();
  }

  /** Takes an instance into the books; it counts as exited, too, when its liveness probe fails for good. */
  private hold(started: Instance, spec: InstanceSpec, teardown: Teardown): Instance {
    const held: Held = { spec, teardown, paused: false, over: new AbortController() };
    this.held.set(started.id, held);
    const endpoint = relayEndpoints(instanceFolder(this.options.stateDir, started.name));
    const unhealthy = failedLiveness({ spec, endpoint, isPaused: () => held.paused }, held.over.signal).then(
      (reason) => ({ exitCode: -1, oomKilled: false, reason }),
    );
    return { ...started, exited: Promise.race([started.exited, unhealthy]) };
  }
}
