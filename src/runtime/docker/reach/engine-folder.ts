import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type Docker from "dockerode";
import { isGone } from "../engine.js";

/** How an engine sees a folder of this process. */
export type EngineFolder =
  | { kind: "folder"; path: string }
  | {
      kind: "volume";
      volume: string;
      /** Path inside the volume. */
      below: string;
      /** Whether the engine mounts parts of volumes. */
      subpaths: boolean;
    };

/** `VolumeOptions.Subpath` came with this version of the engine's API. */
const SUBPATHS_SINCE = [1, 45];

/**
 * How the engine sees `folder`: as it is; or, when this process runs in one of the engine's own containers, as what
 * is mounted there.
 */
export async function asEngineSees(docker: Docker, folder: string): Promise<EngineFolder> {
  const mounts = (await ownContainer(docker))?.Mounts ?? [];
  const mount = mounts
    .filter(({ Destination }) => isBelow(folder, Destination))
    .sort((a, b) => b.Destination.length - a.Destination.length)[0];
  if (!mount) return { kind: "folder", path: folder };
  const below = path.relative(mount.Destination, folder);
  if (mount.Type === "volume" && mount.Name) {
    return { kind: "volume", volume: mount.Name, below, subpaths: await mountsSubpaths(docker) };
  }
  return { kind: "folder", path: path.join(mount.Source, below) };
}

/** Whether the engine can mount a part of a volume. */
export async function mountsSubpaths(docker: Docker): Promise<boolean> {
  const { ApiVersion } = await docker.version();
  return allowsSubpaths(ApiVersion);
}

/** The same, from the engine's version of the API. */
export function allowsSubpaths(apiVersion: string): boolean {
  const [major = 0, minor = 0] = apiVersion.split(".").map(Number);
  const [sinceMajor = 0, sinceMinor = 0] = SUBPATHS_SINCE;
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

/** The container that this process runs in, if it is one of this engine's. */
async function ownContainer(docker: Docker): Promise<Docker.ContainerInspectInfo | undefined> {
  if (process.platform !== "linux") return undefined;
  const mountinfo = await fs.readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  for (const id of containerIds(mountinfo, os.hostname())) {
    try {
      return await docker.getContainer(id).inspect();
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return undefined;
}

/**
 * Ids that the container of a process may have: the engine mounts `/etc/hostname` from the container's own folder,
 * and names the host after the container unless told otherwise.
 */
export function containerIds(mountinfo: string, hostName: string): string[] {
  const ids = [...mountinfo.matchAll(/\/(?:containers|overlay-containers)\/([0-9a-f]{64})\//g)].map(
    ([, id]) => String(id),
  );
  if (/^[0-9a-f]{12}$/.test(hostName)) ids.push(hostName);
  return [...new Set(ids)];
}

function isBelow(folder: string, above: string): boolean {
  const relative = path.relative(above, folder);
  return relative === "" || (!relative.startsWith("..") && !path.isAbsolute(relative));
}
