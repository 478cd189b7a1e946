import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { failedLiveness } from "../readiness/liveness.js";
import { probedPorts } from "../readiness/rule.js";
import { probeTcp } from "../readiness/tcp-probe.js";
import type {
  Instance,
  InstanceExit,
  InstanceOwner,
  InstanceSpec,
  RuntimeError,
  SessionRecord,
  SessionRuntime,
} from "../runtime.js";
import { DiskLimit } from "./disk-limit.js";
import { engineError } from "./engine.js";
import { explain } from "./explain.js";
import { instanceFolder } from "./folders.js";
import { prepareImages } from "./prepare.js";
import { hasImage } from "./pull.js";
import { endpointsOf, type Reach } from "./reach/reach.js";
import { writeRecord } from "./record.js";
import { recoverInstances } from "./recover.js";
import { RelayStock } from "./relay-stock.js";
import { startInstance } from "./start-instance.js";
import { sweep } from "./sweep.js";
import { Teardown } from "./teardown.js";
import { Tidy } from "./tidy.js";
import { watchExit } from "./watch.js";

const LISTENS_WITHIN_MS = 1_000;

/** What a Docker runtime is made of. */
export interface DockerRuntimeOptions {
  /** Gives up on an engine that says nothing for long. */
  docker: Docker;
  /** The same engine for what takes its time: pulls, builds, the end of a container. */
  patientDocker: Docker;
  /** Value of the `dynamic-sessions.emulator` label. */
  emulatorId: string;
  /** Folder for records, and usually for sockets; short, since a socket's path may have about 100 characters. */
  stateDir: string;
  /** The way to the sessions; closed with the runtime. */
  reach: Reach;
  relayImage: string;
  startupTimeoutMs: number;
  /** Another OCI runtime, such as `runsc` or `kata`. */
  ociRuntime?: string;
  /** Called at the end; `inOrder` is false when the engine was away and something may be left. */
  onClosed?(inOrder: boolean): void;
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
  private readonly tidy: Tidy;
  private readonly stock: RelayStock;
  private readonly disk: DiskLimit;
  private closed = false;

  constructor(private readonly options: DockerRuntimeOptions) {
    this.tidy = new Tidy(options);
    if (options.reach.ownName !== undefined) this.tidy.keep(options.reach.ownName);
    this.stock = new RelayStock(options, this.tidy);
    this.disk = new DiskLimit(options);
  }

  async prepare(spec: InstanceSpec, onProgress: (line: string) => void, signal: AbortSignal): Promise<void> {
    const { patientDocker, relayImage } = this.options;
    try {
      await prepareImages(patientDocker, [relayImage, spec.image], onProgress, signal);
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

  async limitsNotInForce(): Promise<string[]> {
    const refusal = await this.disk.refusal();
    return refusal === undefined ? [] : [`ephemeralStorage: the engine says "${refusal}"`];
  }

  create(spec: InstanceSpec, owner: InstanceOwner, signal: AbortSignal): Promise<Instance> {
    return this.stock.during(() => this.start(spec, owner, signal));
  }

  private async start(spec: InstanceSpec, owner: InstanceOwner, signal: AbortSignal): Promise<Instance> {
    const { docker, relayImage } = this.options;
    const nameFor = (shortId: string) => `dse-${spec.pool}-${shortId}`;
    const spare = spec.egress ? undefined : await this.stock.take(probedPorts(spec), nameFor);
    const name = nameFor(spare?.shortId ?? randomBytes(4).toString("hex"));
    const teardown = spare?.teardown ?? new Teardown(docker);
    this.tidy.keep(name);
    try {
      const watch = (containerId: string, relayId: string) => this.watch(containerId, relayId);
      const started = await startInstance(
        { ...this.options, disk: this.disk, watch },
        { name, spec, owner, signal, teardown, spareRelay: spare?.container },
      );
      return this.hold(started, spec, teardown);
    } catch (error) {
      const failure = explain(error, { spec, relayImage, signal });
      // What cannot be removed now is removed later; the caller learns why the start failed.
      await this.tidy.remove(name, teardown).catch(() => undefined);
      if (failure.failure === "engine-unavailable") this.tidy.trouble();
      throw failure;
    }
  }

  async pause(instance: Instance): Promise<void> {
    instance.endpoint.close();
    const held = this.held.get(instance.id);
    // Before it is: a probe that is under way would fail.
    if (held) held.paused = true;
    try {
      await this.asked(instance, (container) => container.pause());
    } catch (error) {
      if (held) held.paused = false;
      throw error;
    }
  }

  async listens({ endpoint }: Instance): Promise<boolean> {
    return (await probeTcp(endpoint, LISTENS_WITHIN_MS)).kind === "open";
  }

  async resume(instance: Instance): Promise<void> {
    await this.asked(instance, (container) => container.unpause());
    const held = this.held.get(instance.id);
    if (held) held.paused = false;
  }

  async remember(instance: Instance, record: SessionRecord): Promise<void> {
    const held = this.held.get(instance.id);
    if (held) await writeRecord(instanceFolder(this.options.stateDir, instance.name), record, held.spec);
  }

  async recover(specs: readonly InstanceSpec[]): Promise<{ instance: Instance; record: SessionRecord }[]> {
    const recovered = await recoverInstances(this.options, specs);
    for (const spec of specs) if (!spec.egress) this.stock.want(probedPorts(spec));
    return recovered.map(({ containerId, relayId, name, spec, record, teardown }) => {
      const endpoint = endpointsOf(this.options.reach, name)(spec.targetPort);
      const exited = this.watch(containerId, relayId);
      this.tidy.keep(name);
      return { instance: this.hold({ id: containerId, name, endpoint, exited }, spec, teardown), record };
    });
  }

  async destroy(instance: Instance): Promise<void> {
    instance.endpoint.close();
    const held = this.held.get(instance.id);
    if (!held) return;
    held.over.abort();
    this.held.delete(instance.id);
    try {
      await this.tidy.remove(instance.name, held.teardown);
    } catch (error) {
      throw this.explained(error, held.spec);
    }
  }

  async close({ keep }: { keep: boolean } = { keep: false }): Promise<void> {
    this.closed = true;
    await this.stock.close();
    this.tidy.close();
    for (const { over } of this.held.values()) over.abort();
    if (keep) {
      await this.options.reach.close();
      return this.options.onClosed?.(true);
    }
    await Promise.allSettled([...this.held.values()].map(({ teardown }) => teardown.run()));
    this.held.clear();
    await this.options.reach.close();
    const { docker, emulatorId, stateDir } = this.options;
    try {
      await sweep(docker, emulatorId, stateDir);
      this.options.onClosed?.(true);
    } catch (error) {
      this.options.onClosed?.(false);
      // An engine that is away is no failure of the end: somebody else removes the rest when it is back.
      if (engineError(error).status !== undefined) throw error;
    }
  }

  private watch(containerId: string, relayId: string): Promise<InstanceExit> {
    const docker = this.options.patientDocker;
    return watchExit({ docker, containerId, relayId }, () => this.closed);
  }

  private async asked(
    instance: Instance,
    ask: (container: Docker.Container) => Promise<unknown>,
  ): Promise<void> {
    try {
      await ask(this.options.docker.getContainer(instance.id));
    } catch (error) {
      const spec = this.held.get(instance.id)?.spec;
      throw spec ? this.explained(error, spec) : error;
    }
  }

  private explained(error: unknown, spec: InstanceSpec): RuntimeError {
    const { relayImage } = this.options;
    return explain(error, { spec, relayImage, signal: new AbortController().signal });
  }

  /** Takes an instance into the books; it counts as exited, too, when its liveness probe fails for good. */
  private hold(started: Instance, spec: InstanceSpec, teardown: Teardown): Instance {
    const held: Held = { spec, teardown, paused: false, over: new AbortController() };
    this.held.set(started.id, held);
    const endpoint = endpointsOf(this.options.reach, started.name);
    const unhealthy = failedLiveness({ spec, endpoint, isPaused: () => held.paused }, held.over.signal).then(
      (reason) => ({ exitCode: -1, oomKilled: false, reason }),
    );
    return { ...started, exited: Promise.race([started.exited, unhealthy]) };
  }
}
