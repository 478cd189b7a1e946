import fs from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";

/** How long the emulator or its reaper may take to clean up. */
const CLEANED_WITHIN_MS = 30_000;

/** Names of all containers and networks whose name holds `part`. */
export async function inEngine(docker: Docker, part: string): Promise<string[]> {
  const containers = await docker.listContainers({ all: true });
  const networks = await docker.listNetworks();
  const names = [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
  return names.filter((name) => name.includes(part));
}

/** What exists of these folders. */
export async function onDisk(folders: string[]): Promise<string[]> {
  const found = await Promise.all(
    folders.map((folder) =>
      fs.access(folder).then(
        () => true,
        () => false,
      ),
    ),
  );
  return folders.filter((_, index) => found[index]);
}

/** Looks again and again; what is still there when the time is over, in words. */
export async function leftAfter30Seconds(look: () => Promise<string[]>): Promise<string> {
  for (const end = performance.now() + CLEANED_WITHIN_MS; ; await sleep(200)) {
    const left = await look();
    if (left.length === 0) return "nothing";
    if (performance.now() > end) return left.join(", ");
  }
}
