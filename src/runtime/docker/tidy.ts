import type Docker from "dockerode";
import { shortIdOf } from "./folders.js";
import { sweep } from "./sweep.js";
import type { Teardown } from "./teardown.js";

const FIRST_ROUND_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** An engine that was cut off in the middle may finish late what it had begun: so long it is looked after. */
const WATCHFUL_MS = 60_000;

/**
 * Keeps account of the instances of one emulator, and removes, again and again after the engine was in trouble,
 * everything that belongs to no instance: what could not be removed, and what came to be although nobody was told.
 */
export class Tidy {
  /** Short ids, which stay when a spare relay gets the name of its instance. */
  private readonly inUse = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private troubleAt = 0;
  private pauseMs = FIRST_ROUND_MS;
  private closed = false;

  constructor(private readonly options: { docker: Docker; emulatorId: string; stateDir: string }) {}

  /** Whatever bears this instance's name is needed from now on. */
  keep(name: string): void {
    this.inUse.add(shortIdOf(name));
  }

  /** Removes an instance. Rejects when that fails; it is tried again then without anybody's doing. */
  async remove(name: string, teardown: Teardown): Promise<void> {
    try {
      await teardown.run();
    } catch (error) {
      this.trouble();
      throw error;
    } finally {
      this.inUse.delete(shortIdOf(name));
    }
  }

  /** The engine gave no proper answer: nobody knows what it has done. */
  trouble(): void {
    this.troubleAt = Date.now();
    this.pauseMs = FIRST_ROUND_MS;
    this.schedule();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private schedule(): void {
    if (this.closed || this.timer) return;
    this.timer = setTimeout(() => void this.round(), this.pauseMs);
    this.timer.unref();
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  private async round(): Promise<void> {
    const { docker, emulatorId, stateDir } = this.options;
    const done = await sweep(docker, emulatorId, stateDir, this.inUse).then(
      () => true,
      () => false,
    );
    this.timer = undefined;
    if (!done || Date.now() - this.troubleAt < WATCHFUL_MS) this.schedule();
  }
}
