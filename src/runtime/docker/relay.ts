import type Docker from "dockerode";
import { LABEL } from "./labels.js";
import type { Reach } from "./reach/reach.js";

/** What a relay is started for. */
export interface RelayRequest {
  emulatorId: string;
  /** Absent for a relay that belongs to no pool yet. */
  pool?: string;
  name: string;
  image: string;
  reach: Reach;
  /** Ports inside the namespace that must be reachable. */
  ports: readonly number[];
  /** Network mode: `none`, or the name of the session's own bridge. */
  network: string;
}

/**
 * Creates, without starting, the container that holds a session's network namespace and forwards one unix socket
 * per port into it (design, section 4): the session itself has no other way in or out. The caller removes the
 * container and the place of its sockets.
 */
export async function createRelay(docker: Docker, request: RelayRequest): Promise<Docker.Container> {
  const { mount, folder, capabilities } = await request.reach.place(request.name);
  return docker.createContainer({
    name: `${request.name}-relay`,
    Image: request.image,
    Cmd: [folder, ...request.ports.map(String)],
    Labels: {
      [LABEL.emulator]: request.emulatorId,
      ...(request.pool !== undefined && { [LABEL.pool]: request.pool }),
      [LABEL.role]: "relay",
      [LABEL.reach]: request.reach.kind,
    },
    HostConfig: {
      NetworkMode: request.network,
      Mounts: [mount],
      CapDrop: ["ALL"],
      CapAdd: capabilities,
      SecurityOpt: ["no-new-privileges"],
      ReadonlyRootfs: true,
      Memory: 128 * 2 ** 20,
      PidsLimit: 1024,
    },
  });
}
