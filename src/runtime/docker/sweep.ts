import fs from "node:fs/promises";
import path from "node:path";
import type Docker from "dockerode";
import { instancesFolder, shortIdOf } from "./folders.js";
import { LABEL } from "./labels.js";
import { Teardown } from "./teardown.js";

/**
 * Removes everything in the engine that belongs to an emulator, and its instances' folders, except what belongs to
 * the instances that are in use and to the way to them.
 * @param inUse short ids of those; read after the engine has told what there is
 */
export async function sweep(
  docker: Docker,
  emulatorId: string,
  stateDir: string,
  inUse: ReadonlySet<string> = new Set(),
): Promise<void> {
  const filters = { label: [`${LABEL.emulator}=${emulatorId}`] };
  const root = instancesFolder(stateDir);
  const folders = await fs.readdir(root).catch((): string[] => []);
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const { Volumes } = await docker.listVolumes({ filters });
  const isUsed = (name = "") => inUse.has(shortIdOf(name.replace(/-relay$/, "")));
  const teardown = new Teardown(docker);
  for (const { Id, Names } of containers) if (!isUsed(Names[0])) teardown.container(Id);
  for (const { Id, Name } of networks) if (!isUsed(Name)) teardown.network(Id);
  for (const { Name } of Volumes ?? []) if (!isUsed(Name)) teardown.volume(Name);
  for (const entry of folders) if (!inUse.has(entry)) teardown.folder(path.join(root, entry));
  await teardown.run();
}
