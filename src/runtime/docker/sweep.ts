import fs from "node:fs/promises";
import path from "node:path";
import type Docker from "dockerode";
import { LABEL } from "./labels.js";
import { Teardown } from "./teardown.js";

/** Folder below the state folder that holds one folder for each instance. */
export function instancesFolder(stateDir: string): string {
  return path.join(stateDir, "s");
}

/** Removes everything in the engine that belongs to an emulator, and its instances' folders. */
export async function sweep(docker: Docker, emulatorId: string, stateDir: string): Promise<void> {
  const filters = { label: [`${LABEL.emulator}=${emulatorId}`] };
  const teardown = new Teardown(docker);
  for (const { Id } of await docker.listContainers({ all: true, filters })) teardown.container(Id);
  for (const { Id } of await docker.listNetworks({ filters })) teardown.network(Id);
  await teardown.run();
  await fs.rm(instancesFolder(stateDir), { recursive: true, force: true });
}
