import fs from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { engineError, isGone } from "./engine.js";

/** A container that somebody else is removing holds its volume until it is gone. */
const VOLUME_FREE_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 100;

/**
 * Everything that one session holds in the engine and on disk, collected while it is made,
 * so that a failure half-way leaves nothing behind.
 */
export class Teardown {
  private readonly containers: string[] = [];
  private readonly networks: string[] = [];
  private readonly volumes: string[] = [];
  private readonly folders: string[] = [];
  private readonly steps: (() => Promise<void>)[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly docker: Docker) {}

  container(id: string): void {
    this.containers.push(id);
  }

  network(id: string): void {
    this.networks.push(id);
  }

  volume(name: string): void {
    this.volumes.push(name);
  }

  folder(path: string): void {
    this.folders.push(path);
  }

  /** Something to do when the containers are gone. */
  step(undo: () => Promise<void>): void {
    this.steps.push(undo);
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
    await Promise.all(this.volumes.map((name) => this.removeVolume(name)));
    await Promise.all(this.steps.map((undo) => undo()));
    await Promise.all(this.folders.map((folder) => fs.rm(folder, { recursive: true, force: true })));
  }

  private async removeVolume(name: string): Promise<void> {
    for (const end = Date.now() + VOLUME_FREE_WITHIN_MS; ; await sleep(LOOK_AGAIN_MS)) {
      try {
        return await settled(this.docker.getVolume(name).remove());
      } catch (error) {
        if (engineError(error).status !== 409 || Date.now() > end) throw error;
      }
    }
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
