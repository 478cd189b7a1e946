import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, rename, rm, stat } from "node:fs/promises";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const EVERYONE = 0o777;

/**
 * Where uploads grow until they are complete. It must be on the data directory's file system, or the final
 * rename would not be one step: beside the data directory where that is the same file system, else a hidden
 * directory inside it, which exists only while something is being uploaded.
 */
export class UploadRoom {
  private readonly outside: string;
  private readonly inside: string;
  private inUse = 0;

  constructor(private readonly root: string) {
    this.outside = posix.join(posix.dirname(root), `.${posix.basename(root)}-uploads`);
    this.inside = posix.join(root, ".uploads");
  }

  /** Whether a path is the room itself, which no listing shows. */
  owns(path: string): boolean {
    return path === this.inside;
  }

  /** Gives everyone access to a file or directory; the kernel is another user (byoc 3.6). */
  async open(path: string): Promise<void> {
    // Not ours to change where the directory belongs to somebody else and we are not root.
    await chmod(path, EVERYONE).catch(() => {});
  }

  /** Removes what an earlier process left behind. */
  async clear(): Promise<void> {
    await rm(this.outside, { recursive: true, force: true }).catch(() => {});
    await rm(this.inside, { recursive: true, force: true }).catch(() => {});
  }

  /** Writes a stream to `target` in one visible step. Leaves nothing if the stream fails. */
  async receive(content: Readable, target: string): Promise<void> {
    const directory = await this.directory();
    const partial = posix.join(directory, randomUUID());
    this.inUse += 1;
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await pipeline(content, createWriteStream(partial, { flags: "wx", mode: EVERYONE }));
      await this.open(partial);
      await rename(partial, target);
    } catch (error) {
      await rm(partial, { force: true }).catch(() => {});
      throw error;
    } finally {
      this.inUse -= 1;
      if (this.inUse === 0) await this.clear();
    }
  }

  private async directory(): Promise<string> {
    const [data, parent] = await Promise.all([stat(this.root), stat(posix.dirname(this.root))]);
    return data.dev === parent.dev ? this.outside : this.inside;
  }
}
