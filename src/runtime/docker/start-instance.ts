import type Docker from "dockerode";
import { awaitReady } from "../readiness/await-ready.js";
import { probedPorts } from "../readiness/rule.js";
import type { Instance, InstanceExit, InstanceOwner, InstanceSpec } from "../runtime.js";
import type { DiskLimit } from "./disk-limit.js";
import { instanceFolder } from "./folders.js";
import { listeningPorts } from "./listening.js";
import { execInContainer, lastLogLines } from "./logs.js";
import { createSessionNetwork } from "./network.js";
import { endpointsOf, type Reach } from "./reach/reach.js";
import { createRelay } from "./relay.js";
import { createSessionContainer, limitCpu } from "./session-container.js";
import type { Teardown } from "./teardown.js";

const LOG_LINES_IN_ERRORS = 20;

/** What every start of an emulator has in common. */
export interface StartContext {
  docker: Docker;
  emulatorId: string;
  stateDir: string;
  reach: Reach;
  relayImage: string;
  startupTimeoutMs: number;
  ociRuntime?: string;
  disk: DiskLimit;
  watch(containerId: string, relayId: string): Promise<InstanceExit>;
}

/** One start. */
export interface StartRequest {
  name: string;
  spec: InstanceSpec;
  owner: InstanceOwner;
  signal: AbortSignal;
  /** Collects what is made, as it is made. */
  teardown: Teardown;
  /** A relay with this instance's name that runs already; it and its folder are part of `teardown`. */
  spareRelay: Docker.Container | undefined;
}

/** Starts relay and session container, in parallel where the engine allows it, and waits until it is ready. */
export async function startInstance(context: StartContext, request: StartRequest): Promise<Instance> {
  const { docker, emulatorId, startupTimeoutMs, ociRuntime } = context;
  const { name, spec, owner, signal, teardown } = request;
  const disk = await context.disk.optionsFor(spec.image, spec.diskBytes);
  const relay = request.spareRelay ?? (await newRelay(context, request));
  const creating = createSessionContainer(docker, {
    emulatorId,
    name,
    spec,
    owner,
    relayContainerId: relay.id,
    ociRuntime,
    disk,
  }).then((created) => {
    teardown.container(created.id);
    return created;
  });
  const relayStarting = request.spareRelay ? undefined : relay.start();
  // Both must have settled before a teardown, or a container created late would be left behind.
  await Promise.allSettled([creating, relayStarting]);
  const container = await creating;
  await relayStarting;
  signal.throwIfAborted();
  await container.start();
  const exited = context.watch(container.id, relay.id);
  const endpoint = endpointsOf(context.reach, name);
  await awaitReady(
    {
      spec,
      exited,
      endpoint,
      logs: () => lastLogLines(docker, container.id, LOG_LINES_IN_ERRORS),
      listening: async () => {
        const tables = ["/proc/net/tcp", "/proc/net/tcp6"];
        return listeningPorts(await execInContainer(docker, relay.id, ["cat", ...tables]));
      },
    },
    { startupTimeoutMs, signal },
  );
  await limitCpu(container, spec);
  return { id: container.id, name, endpoint: endpoint(spec.targetPort), exited };
}

/** Creates the relay of one instance and, with egress, the network that it stands in. */
async function newRelay(
  context: StartContext,
  { name, spec, teardown }: StartRequest,
): Promise<Docker.Container> {
  const { docker, emulatorId, reach, relayImage: image } = context;
  const { pool } = spec;
  teardown.folder(instanceFolder(context.stateDir, name));
  teardown.step(() => reach.discard(name));
  let network = "none";
  if (spec.egress) {
    network = await createSessionNetwork(docker, { name, emulatorId, pool });
    teardown.network(network);
  }
  const ports = probedPorts(spec);
  const relay = await createRelay(docker, { emulatorId, pool, name, image, reach, ports, network });
  teardown.container(relay.id);
  return relay;
}
