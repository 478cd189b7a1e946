import fs from "node:fs/promises";
import path from "node:path";
import type { MountSettings } from "dockerode";
import { socketEndpoint } from "../../endpoint.js";
import { instanceFolder } from "../folders.js";
import type { EngineFolder } from "./engine-folder.js";
import { type Reach, type RelayPlace, SOCKETS_INSIDE } from "./reach.js";

/** The folder belongs to the emulator's user, who need not be root. */
const CAPABILITIES = ["DAC_OVERRIDE"];

/**
 * Sockets in the state folder, which the relays mount: nothing lies between them and the emulator.
 * @param seen how the engine sees the state folder
 */
export function folderReach(stateDir: string, seen: EngineFolder): Reach {
  const below = (name: string) => path.posix.join("s", path.basename(instanceFolder(stateDir, name)));
  return {
    kind: seen.kind,
    inWords: seen.kind === "volume" ? `sessions reached through the volume ${seen.volume}` : "",
    place: async (name) => {
      await fs.mkdir(instanceFolder(stateDir, name), { recursive: true, mode: 0o700 });
      return placeIn(seen, below(name));
    },
    endpoint: (name, port) =>
      socketEndpoint({ path: path.join(instanceFolder(stateDir, name), `${port}.sock`) }),
    discard: async () => undefined,
    close: async () => undefined,
  };
}

function placeIn(seen: EngineFolder, below: string): RelayPlace {
  if (seen.kind === "folder") {
    // Unlike a `Bind` it fails where there is no such folder, instead of making one.
    const Source = path.posix.join(seen.path, below);
    return { mount: bind(Source), folder: SOCKETS_INSIDE, capabilities: CAPABILITIES };
  }
  return {
    ...volumePlace(seen.volume, path.posix.join(seen.below, below), seen.subpaths),
    capabilities: CAPABILITIES,
  };
}

function bind(Source: string): MountSettings {
  return { Type: "bind", Source, Target: SOCKETS_INSIDE };
}

/**
 * A folder of a volume. An engine that mounts parts of volumes (API ≥ 1.45) shows the relay nothing else of it.
 */
export function volumePlace(
  volume: string,
  below: string,
  subpaths: boolean,
): Pick<RelayPlace, "mount" | "folder"> {
  const options = { NoCopy: true, ...(subpaths && { Subpath: below }) };
  const mount = { Type: "volume", Source: volume, Target: SOCKETS_INSIDE, VolumeOptions: options };
  return {
    mount: mount as MountSettings,
    folder: subpaths ? SOCKETS_INSIDE : path.posix.join(SOCKETS_INSIDE, below),
  };
}
