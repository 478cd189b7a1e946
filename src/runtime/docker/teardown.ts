import fs from "node:fs/promises";
import type Docker from "dockerode";
import { isGone } from "./engine.js";

/**
 * Everything that one session holds in the engine and on disk, collected while it is made,
 * so that a failure half-way leaves nothing behind.
 */
export class Teardown {
  private readonly containers: string[] = [];
  private readonly networks: string[] = [];
  private readonly folders: string[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly docker: Docker) {}

  container(id: string): void {
    this.containers.push(id);
  }

  network(id: string): void {
    this.networks.push(id);
  }

  folder(path: string): void {
    this.folders.push(path);
  }

  /** Removes everything; the second call waits for the first. Rejects when something could not be removed. */
  run(): Promise<void> {
    this.running ??= this.remove().catch((error) => {
      this.running = undefined;
      throw error;
    });
    return this.running;
  }

  private async remove(): Promise<void> {
    await Promise.all(
      this.containers.map((id) => settled(this.docker.getContainer(id).remove({ force: true, v: true }))),
    );
    await Promise.all(this.networks.map((id) => settled(this.docker.getNetwork(id).remove())));
    await Promise.all(this.folders.map((folder) => fs.rm(folder, { recursive: true, force: true })));
  }
}

/** What is gone already, or being removed by somebody else, counts as removed. */
async function settled(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
