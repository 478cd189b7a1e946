import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, readlink, rm } from "node:fs/promises";
import type { Readable } from "node:stream";
import { entryOf, type FileEntry } from "./entry.js";
import { FileError, fileError } from "./errors.js";
import {
  child,
  directoryOf,
  fileName,
  fileOf,
  folderOf,
  type PathRules,
  type Place,
  pathOf,
} from "./paths.js";
import { UploadRoom } from "./upload-room.js";

/** An open file with what a client may know about it. The receiver closes `handle`. */
export interface OpenFile {
  entry: FileEntry;
  handle: FileHandle;
  modifiedMs: number;
}

/** A file that has arrived whole. One of the two must be called; `discard` after `keep` does nothing. */
export interface ReceivedFile {
  keep(): Promise<FileEntry>;
  discard(): Promise<void>;
}

/**
 * The session's files (byoc 3.6). Symbolic links are never followed: code in the session could point one at
 * anything this process, which runs as root, can read.
 */
export class FileStore {
  private readonly folder: string;
  private readonly room: UploadRoom;

  constructor(private readonly rules: PathRules) {
    this.folder = folderOf(rules);
    this.room = new UploadRoom(this.folder);
  }

  /** Makes sure that the data directory exists and that the kernel's user can write to it. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await this.room.open(this.folder);
    await this.room.clear();
  }

  /**
   * Entries of a directory by name; with `recursive` also those of its subdirectories. Symbolic links and
   * unfinished uploads are not listed.
   */
  async list(path: string | undefined, recursive: boolean): Promise<FileEntry[]> {
    const place = directoryOf(path, this.rules);
    await this.refuseLinks(place, "directoryNotFound");
    const entries: FileEntry[] = [];
    await this.collect(place, recursive, entries);
    return entries;
  }

  async metadata(path: string | undefined, name: string): Promise<FileEntry> {
    const place = fileOf(path, name, this.rules);
    await this.refuseLinks(place, "fileNotFound");
    return this.entryAt(place);
  }

  /** Opens a file for reading. */
  async open(path: string | undefined, name: string): Promise<OpenFile> {
    const place = fileOf(path, name, this.rules);
    await this.refuseLinks(place, "fileNotFound");
    // Non-blocking, so that a named pipe cannot hang the request before its type is known.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(pathOf(place), flags).catch((error: unknown) => {
      throw fileError(error, "fileNotFound");
    });
    try {
      const stats = await handle.stat({ bigint: true });
      await assertSamePlace(handle, pathOf(place));
      if (!stats.isFile()) throw new FileError("invalid", "only files have content, this is something else");
      const entry = entryOf(lastOf(place), directoryLabel(place), stats);
      return { entry, handle, modifiedMs: Number(stats.mtimeMs) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /**
   * Receives a file without showing it. `keep` puts it under its name in one step, replacing a file of that
   * name, with mode 0777: the kernel runs as another user. A stream that fails leaves nothing.
   */
  async receive(path: string | undefined, name: string, content: Readable): Promise<ReceivedFile> {
    const directory = directoryOf(path, this.rules);
    const place = child(directory, fileName(name));
    // What cannot be kept need not be received.
    await this.refuseUnusable(place);
    const hidden = await this.room.receive(content).catch((error: unknown) => {
      throw fileError(error, "directoryNotFound");
    });
    const keep = async () => {
      // Code in the session had all the upload's time to put something else there.
      await this.refuseUnusable(place);
      await this.makeDirectories(directory);
      await this.refuseUnusable(place);
      await hidden.moveTo(pathOf(place)).catch((error: unknown) => {
        throw fileError(error, "directoryNotFound");
      });
      return this.entryAt(place);
    };
    return { keep, discard: hidden.discard };
  }

  /** Deletes a file, a link itself, or a directory with all that is in it. */
  async delete(path: string | undefined, name: string): Promise<void> {
    const place = fileOf(path, name, this.rules);
    if (pathOf(place) === this.folder) throw new FileError("invalid", "the data directory cannot be deleted");
    await this.refuseLinks({ ...place, segments: place.segments.slice(0, -1) }, "fileNotFound");
    await rm(pathOf(place), { recursive: true }).catch((error: unknown) => {
      throw fileError(error, "fileNotFound");
    });
  }

  private async collect(place: Place, recursive: boolean, into: FileEntry[]): Promise<void> {
    const names = await readdir(pathOf(place)).catch((error: unknown) => {
      throw fileError(error, "directoryNotFound");
    });
    for (const name of names.sort()) {
      if (this.room.owns(pathOf(child(place, name)))) continue;
      const stats = await lstat(pathOf(child(place, name)), { bigint: true }).catch(() => undefined);
      if (stats === undefined || !(stats.isFile() || stats.isDirectory())) continue;
      into.push(entryOf(name, directoryLabel(child(place, name)), stats));
      // A directory may disappear, or be no longer readable, while its parent is being listed.
      if (recursive && stats.isDirectory())
        await this.collect(child(place, name), true, into).catch(() => {});
    }
  }

  private async entryAt(place: Place): Promise<FileEntry> {
    const stats = await lstat(pathOf(place), { bigint: true }).catch((error: unknown) => {
      throw fileError(error, "fileNotFound");
    });
    return entryOf(lastOf(place), directoryLabel(place), stats);
  }

  private async makeDirectories(directory: Place): Promise<void> {
    let place: Place = { base: directory.base, segments: [] };
    for (const segment of directory.segments) {
      place = child(place, segment);
      try {
        await mkdir(pathOf(place));
        await this.room.open(pathOf(place));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw fileError(error, "directoryNotFound");
      }
    }
  }

  /** Refuses a file's place when a directory is there, or something else than a directory on the way to it. */
  private async refuseUnusable(place: Place): Promise<void> {
    for (let length = 1; length <= place.segments.length; length += 1) {
      const isLast = length === place.segments.length;
      const path = pathOf({ ...place, segments: place.segments.slice(0, length) });
      const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return undefined;
        throw fileError(error, "directoryNotFound");
      });
      // What is not there yet cannot be in the way.
      if (stats === undefined) return;
      // A link of the file's own name is replaced, never followed.
      if (stats.isSymbolicLink() && !isLast) throw new FileError("symlink", "Symlinks not allowed");
      if (isLast && stats.isDirectory()) {
        const name = lastOf(place);
        throw new FileError("invalid", `'${name}' is a directory; delete it first or choose another name`);
      }
      if (!isLast && !stats.isDirectory()) {
        throw new FileError("invalid", "the path names a file, not a directory");
      }
    }
  }

  /** Refuses a place that is, or lies behind, a symbolic link. */
  private async refuseLinks(place: Place, missing: "fileNotFound" | "directoryNotFound"): Promise<void> {
    for (let length = 1; length <= place.segments.length; length += 1) {
      const path = pathOf({ ...place, segments: place.segments.slice(0, length) });
      const stats = await lstat(path).catch((error: unknown) => {
        throw fileError(error, missing);
      });
      if (stats.isSymbolicLink()) throw new FileError("symlink", "Symlinks not allowed");
    }
  }
}

/** A directory may have been swapped for a link between the check and the opening. */
async function assertSamePlace(handle: FileHandle, path: string): Promise<void> {
  const real = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => path);
  if (real !== path) throw new FileError("symlink", "Symlinks not allowed");
}

function lastOf(place: Place): string {
  return place.segments[place.segments.length - 1] ?? "";
}

function directoryLabel(place: Place): string {
  return place.segments.slice(0, -1).join("/") || ".";
}
