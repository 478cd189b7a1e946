import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { engineError } from "./engine.js";
import { instanceFolder } from "./folders.js";
import type { Reach } from "./reach/reach.js";
import { createRelay } from "./relay.js";
import { Teardown } from "./teardown.js";
import type { Tidy } from "./tidy.js";

/**
 * Making a network namespace is most of what a start costs the engine; the spare is made when nothing has been
 * started for this long.
 */
const QUIET_MS = 200;

/** What the stock makes relays from. */
export interface RelayStockOptions {
  docker: Docker;
  emulatorId: string;
  stateDir: string;
  reach: Reach;
  relayImage: string;
}

/** A relay that runs and belongs to nobody yet. */
export interface SpareRelay {
  container: Docker.Container;
  /** Last part of its name and of its folder's; the instance that gets it has the same. */
  shortId: string;
  teardown: Teardown;
}

/**
 * Keeps one relay without a session running for each set of ports that was asked for, so that a cold start has one
 * container to start instead of two. Only relays without a way out are alike enough for that.
 */
export class RelayStock {
  private readonly spares = new Map<string, SpareRelay>();
  private readonly wanted = new Map<string, readonly number[]>();
  private starts = 0;
  private timer: NodeJS.Timeout | undefined;
  private making: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly options: RelayStockOptions,
    private readonly tidy: Tidy,
  ) {}

  /** Keeps a spare for these ports from now on. */
  want(ports: readonly number[]): void {
    this.wanted.set(keyOf(ports), ports);
    this.refillSoon();
  }

  /** Makes nothing while an instance is being started. */
  async during<T>(start: () => Promise<T>): Promise<T> {
    this.starts += 1;
    clearTimeout(this.timer);
    this.timer = undefined;
    try {
      return await start();
    } finally {
      this.starts -= 1;
      this.refillSoon();
    }
  }

  /**
   * Gives a spare away for good; it bears its new name then and runs.
   * @param nameFor the instance's name, made from the short id
   * @returns undefined when there is none, or none that works
   */
  async take(
    ports: readonly number[],
    nameFor: (shortId: string) => string,
  ): Promise<SpareRelay | undefined> {
    const key = keyOf(ports);
    const spare = this.spares.get(key);
    if (!spare) return undefined;
    this.spares.delete(key);
    const name = nameFor(spare.shortId);
    // Under both names while it changes them.
    this.tidy.keep(name);
    try {
      // Whatever may have ended it meanwhile, the start of the engine for one.
      const running = spare.container.start().catch((error: unknown) => {
        if (engineError(error).status !== 304) throw error;
      });
      await Promise.all([running, spare.container.rename({ name: `${name}-relay` })]);
      this.tidy.forget(spareName(spare.shortId));
      return spare;
    } catch {
      this.tidy.forget(name);
      await this.tidy.remove(spareName(spare.shortId), spare.teardown).catch(() => undefined);
      return undefined;
    }
  }

  /** Removes the spares and makes no more. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.making;
    const spares = [...this.spares.values()];
    this.spares.clear();
    await Promise.allSettled(
      spares.map(({ shortId, teardown }) => this.tidy.remove(spareName(shortId), teardown)),
    );
  }

  private refillSoon(): void {
    if (this.closed || this.timer || this.making || this.starts > 0) return;
    if ([...this.wanted.keys()].every((key) => this.spares.has(key))) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.making = this.refill().finally(() => {
        this.making = undefined;
      });
    }, QUIET_MS);
    this.timer.unref();
  }

  /** One after the other. A failure ends it: the next start will ask again. */
  private async refill(): Promise<void> {
    for (const [key, ports] of this.wanted) {
      if (this.closed || this.starts > 0) return;
      if (this.spares.has(key)) continue;
      const spare = await this.make(ports);
      if (!spare) return;
      this.spares.set(key, spare);
    }
  }

  private async make(ports: readonly number[]): Promise<SpareRelay | undefined> {
    const { docker, emulatorId, stateDir, reach, relayImage } = this.options;
    const shortId = randomBytes(4).toString("hex");
    const name = spareName(shortId);
    const teardown = new Teardown(docker);
    this.tidy.keep(name);
    try {
      teardown.folder(instanceFolder(stateDir, name));
      teardown.step(() => reach.discard(name));
      const request = { emulatorId, name, image: relayImage, reach, ports, network: "none" };
      const container = await createRelay(docker, request);
      teardown.container(container.id);
      await container.start();
      return { container, shortId, teardown };
    } catch {
      await this.tidy.remove(name, teardown).catch(() => undefined);
      // The engine may have made it without being able to say so.
      this.tidy.trouble();
      return undefined;
    }
  }
}

function keyOf(ports: readonly number[]): string {
  return ports.join(" ");
}

function spareName(shortId: string): string {
  return `dse-spare-${shortId}`;
}
