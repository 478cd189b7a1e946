import type Docker from "dockerode";
import type { InstanceOwner, InstanceSpec } from "../runtime.js";
import type { DiskOptions } from "./disk-limit.js";
import { LABEL } from "./labels.js";

/**
 * What BYOC images need: their entrypoint is root, changes to the user `ubuntu`, hands files over and
 * ends processes of that user (byoc 2.1). Everything else is dropped.
 */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETUID",
];

const PIDS_LIMIT = 512;

/** What a session's container is created from. */
export interface SessionContainerRequest {
  emulatorId: string;
  name: string;
  spec: InstanceSpec;
  owner: InstanceOwner;
  /** The relay whose network namespace the session lives in. */
  relayContainerId: string;
  /** Another OCI runtime, such as `runsc` or `kata`. */
  ociRuntime: string | undefined;
  disk: DiskOptions;
}

/**
 * Creates, without starting, the container of one session. Its CPU limit comes with {@link limitCpu}: starting a
 * kernel within half a CPU takes several times as long, and the session is nobody's yet.
 */
export function createSessionContainer(
  docker: Docker,
  request: SessionContainerRequest,
): Promise<Docker.Container> {
  const { spec, owner } = request;
  return docker.createContainer({
    name: request.name,
    Image: spec.image,
    ...(spec.command && { Entrypoint: spec.command }),
    ...(spec.args && { Cmd: spec.args }),
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    Labels: {
      [LABEL.emulator]: request.emulatorId,
      [LABEL.pool]: spec.pool,
      [LABEL.role]: "session",
      [LABEL.state]: owner.identifier === undefined ? "warming" : "allocated",
      ...(owner.identifier !== undefined && { [LABEL.identifier]: owner.identifier }),
    },
    HostConfig: {
      NetworkMode: `container:${request.relayContainerId}`,
      Memory: spec.memoryBytes,
      MemorySwap: spec.memoryBytes,
      PidsLimit: PIDS_LIMIT,
      ...request.disk,
      CapDrop: ["ALL"],
      CapAdd: CAPABILITIES,
      SecurityOpt: ["no-new-privileges"],
      ...(request.ociRuntime && { Runtime: request.ociRuntime }),
    },
  });
}

/** Puts a session's CPU limit in force. */
export async function limitCpu(container: Docker.Container, spec: InstanceSpec): Promise<void> {
  await container.update({ NanoCpus: Math.round(spec.cpu * 1e9) });
}
