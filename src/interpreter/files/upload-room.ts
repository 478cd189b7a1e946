import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { posix } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const EVERYONE = 0o777;

/** A file that nobody sees. One of the two must be called in the end; `discard` after `moveTo` does nothing. */
export interface HiddenFile {
  /** Makes it visible in one step; a file of that name is replaced. */
  moveTo(target: string): Promise<void>;
  discard(): Promise<void>;
}

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

  /** Writes a stream to a place where nobody sees it. Leaves nothing if the stream fails. */
  async receive(content: Readable): Promise<HiddenFile> {
    const directory = await this.directory();
    const path = posix.join(directory, randomUUID());
    this.inUse += 1;
    const discard = once(async () => {
      await rm(path, { force: true }).catch(() => {});
      this.inUse -= 1;
      if (this.inUse === 0) await this.clear();
    });
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await pipeline(content, createWriteStream(path, { flags: "wx", mode: EVERYONE }));
      await this.open(path);
      return { moveTo: (target) => move(path, target).finally(discard), discard };
    } catch (error) {
      await discard();
      throw error;
    }
  }

  private async directory(): Promise<string> {
    const [data, parent] = await Promise.all([stat(this.root), stat(posix.dirname(this.root))]);
    return data.dev === parent.dev ? this.outside : this.inside;
  }
}

async function move(path: string, target: string): Promise<void> {
  try {
    await rename(path, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    // Full path access can name another file system. A copy grows beside the target, hidden by its name.
    const beside = posix.join(posix.dirname(target), `.${randomUUID()}`);
    try {
      await copyFile(path, beside);
      await chmod(beside, EVERYONE).catch(() => {});
      await rename(beside, target);
    } catch (reason) {
      await rm(beside, { force: true }).catch(() => {});
      throw reason;
    }
  }
}

function once(run: () => Promise<void>): () => Promise<void> {
  let result: Promise<void> | undefined;
  return () => {
    result ??= run();
    return result;
  };
}
