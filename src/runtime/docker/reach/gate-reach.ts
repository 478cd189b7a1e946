import fs from "node:fs/promises";
import type Docker from "dockerode";
import { endpointOver } from "../../endpoint.js";
import { engineError } from "../engine.js";
import { instanceFolder, shortIdOf } from "../folders.js";
import { LABEL } from "../labels.js";
import { createGateNetwork } from "../network.js";
import { Teardown } from "../teardown.js";
import { mountsSubpaths } from "./engine-folder.js";
import { volumePlace } from "./folder-reach.js";
import { Gate } from "./gate.js";
import type { Reach } from "./reach.js";

/** What a gate and its volume are made from. */
export interface GateReachOptions {
  docker: Docker;
  emulatorId: string;
  /** For records; the sockets are in the volume. */
  stateDir: string;
  relayImage: string;
}

/**
 * Sockets in a volume of the emulator's own, reached through a gate. The volume outlives the gate: sessions that are
 * kept have their sockets there.
 */
export async function openGateReach(options: GateReachOptions): Promise<Reach> {
  const { docker, emulatorId, stateDir, relayImage } = options;
  // Ends with the id, as the name of an instance with its own: by that it is known to be in use.
  const ownName = `dse-gate-${emulatorId}`;
  const undo = new Teardown(docker);
  const subpaths = await mountsSubpaths(docker);
  await docker.createVolume({ Name: ownName, Labels: { [LABEL.emulator]: emulatorId } });
  const network = await gateNetwork(docker, ownName, emulatorId);
  undo.network(network);
  const gate = new Gate({ docker, emulatorId, image: relayImage, ownName, volume: ownName, network });
  const close = async () => {
    await gate.close().catch(() => undefined);
    await undo.run().catch(() => undefined);
  };
  try {
    await gate.start();
  } catch (error) {
    await close();
    // The engine keeps it where sessions of an earlier emulator are.
    await docker
      .getVolume(ownName)
      .remove()
      .catch(() => undefined);
    throw error;
  }
  return {
    kind: "gate",
    inWords: "sessions reached through a gate",
    ownName,
    place: async (name) => {
      await fs.mkdir(instanceFolder(stateDir, name), { recursive: true, mode: 0o700 });
      await gate.make(shortIdOf(name));
      // The folder is root's, and so is the relay.
      return { ...volumePlace(ownName, shortIdOf(name), subpaths), capabilities: [] };
    },
    endpoint: (name, port) => endpointOver(() => gate.connect(`${shortIdOf(name)}/${port}.sock`)),
    discard: (name) => gate.clear(shortIdOf(name)).catch(() => undefined),
    close,
  };
}

/** The one that an emulator with the same id has left, or a new one. */
async function gateNetwork(docker: Docker, name: string, emulatorId: string): Promise<string> {
  try {
    const { Id } = await docker.getNetwork(name).inspect();
    return Id;
  } catch (error) {
    if (engineError(error).status !== 404) throw error;
    return createGateNetwork(docker, { name, emulatorId });
  }
}
