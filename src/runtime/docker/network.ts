import type Docker from "dockerode";
import { engineError } from "./engine.js";
import { LABEL } from "./labels.js";

/**
 * Small networks of their own, because an engine's default address pools hold about thirty networks only.
 * 10.212.0.0/16 split into /29: the engine refuses one that is taken, and the next is tried.
 */
const SUBNETS = 2 ** 13;

/** Creates the bridge of one session with egress: a way out, no way to other sessions. */
export function createSessionNetwork(
  docker: Docker,
  request: { name: string; emulatorId: string; pool: string },
): Promise<string> {
  const { name, emulatorId, pool } = request;
  return createBridge(docker, { name, labels: { [LABEL.emulator]: emulatorId, [LABEL.pool]: pool } });
}

/** Creates the bridge that an emulator's gate stands in alone: the engine's host can reach it, it reaches nobody. */
export function createGateNetwork(
  docker: Docker,
  request: { name: string; emulatorId: string },
): Promise<string> {
  const options = {
    "com.docker.network.bridge.enable_icc": "false",
    "com.docker.network.bridge.enable_ip_masquerade": "false",
  };
  return createBridge(docker, {
    name: request.name,
    labels: { [LABEL.emulator]: request.emulatorId },
    options,
  });
}

async function createBridge(
  docker: Docker,
  bridge: { name: string; labels: Record<string, string>; options?: Record<string, string> },
): Promise<string> {
  const first = Math.floor(Math.random() * SUBNETS);
  for (let attempt = 0; attempt < 64; attempt += 1) {
    const index = (first + attempt) % SUBNETS;
    const subnet = `10.212.${index >> 5}.${(index & 31) << 3}/29`;
    try {
      const network = await docker.createNetwork({
        Name: bridge.name,
        Driver: "bridge",
        IPAM: { Driver: "default", Config: [{ Subnet: subnet }] },
        Labels: bridge.labels,
        ...(bridge.options && { Options: bridge.options }),
      });
      return network.id;
    } catch (error) {
      if (!/overlap/i.test(engineError(error).message)) throw error;
    }
  }
  throw new Error(`no free subnet was found in 10.212.0.0/16 for the network ${bridge.name}`);
}
