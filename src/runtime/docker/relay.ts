import fs from "node:fs/promises";
import path from "node:path";
import type Docker from "dockerode";
import { type Endpoint, socketEndpoint } from "../endpoint.js";
import { LABEL } from "./labels.js";

/** Where a relay finds the folder of its sockets. */
const FOLDER_INSIDE = "/run/relay";

/** What a relay is started for. */
export interface RelayRequest {
  emulatorId: string;
  /** Absent for a relay that belongs to no pool yet. */
  pool?: string;
  name: string;
  image: string;
  /** Folder on the host for this relay's sockets, created here. */
  socketFolder: string;
  /** Ports inside the namespace that must be reachable. */
  ports: readonly number[];
  /** Network mode: `none`, or the name of the session's own bridge. */
  network: string;
}

/** Ways to the ports behind the sockets of a relay. */
export function relayEndpoints(socketFolder: string): (port: number) => Endpoint {
  const endpoints = new Map<number, Endpoint>();
  return (port) => {
    const known = endpoints.get(port);
    if (known) return known;
    const made = socketEndpoint({ path: path.join(socketFolder, `${port}.sock`) });
    endpoints.set(port, made);
    return made;
  };
}

/**
 * Creates, without starting, the container that holds a session's network namespace and forwards one unix socket
 * per port into it (design, section 4): the session itself has no other way in or out. The caller removes the
 * container and the folder.
 */
export async function createRelay(docker: Docker, request: RelayRequest): Promise<Docker.Container> {
  await fs.mkdir(request.socketFolder, { recursive: true, mode: 0o700 });
  return docker.createContainer({
    name: `${request.name}-relay`,
    Image: request.image,
    Cmd: [FOLDER_INSIDE, ...request.ports.map(String)],
    Labels: {
      [LABEL.emulator]: request.emulatorId,
      ...(request.pool !== undefined && { [LABEL.pool]: request.pool }),
      [LABEL.role]: "relay",
    },
    HostConfig: {
      NetworkMode: request.network,
      Binds: [`${request.socketFolder}:${FOLDER_INSIDE}`],
      CapDrop: ["ALL"],
      // The folder belongs to the emulator's user, who need not be root.
      CapAdd: ["DAC_OVERRIDE"],
      SecurityOpt: ["no-new-privileges"],
      ReadonlyRootfs: true,
      Memory: 128 * 2 ** 20,
      PidsLimit: 1024,
    },
  });
}
