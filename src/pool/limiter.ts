/**
 * Keeps background work (filling warm sets) from competing with requests: at most so many pieces of it at a
 * time, and none begins while a request waits for an instance.
 */
export class Limiter {
  private running = 0;
  private foregroundCount = 0;
  private readonly queue: (() => void)[] = [];

  constructor(private readonly atMost: number) {}

  /** Work that a request waits for: never delayed. */
  async foreground<T>(work: () => Promise<T>): Promise<T> {
    this.foregroundCount += 1;
    try {
      return await work();
    } finally {
      this.foregroundCount -= 1;
      this.next();
    }
  }

  /** Work that nobody waits for. */
  async background<T>(work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.queue.push(resolve);
      this.next();
    });
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  private next(): void {
    while (this.foregroundCount === 0 && this.running < this.atMost) {
      const begin = this.queue.shift();
      if (!begin) return;
      this.running += 1;
      begin();
    }
  }
}
