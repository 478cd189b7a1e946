import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import type Docker from "dockerode";
import type { ImageName, ImageSources } from "./catalog.js";
import { denoBinary } from "./deno.js";
import { ImageBuildError } from "./image-build-error.js";

/** One file of a build context. */
export interface ContextFile {
  /** Path inside the context, with `/`. */
  name: string;
  /** Changes when the file's content does; found without making or fetching the file. */
  fingerprint(): Promise<string>;
  /** Where the file is; made or fetched when it is not there yet. */
  locate(): Promise<string>;
}

/** Every file that an image is built from, sorted by name. */
export async function contextFiles(
  docker: Docker,
  sources: ImageSources,
  name: ImageName,
): Promise<ContextFile[]> {
  const files = await filesBelow(path.join(sources.images, name));
  if (name === "base") files.push(await interpreterFile(sources.interpreter));
  if (name === "node") files.push(await denoBinary(docker));
  if (name === "emulator") files.push(...(await emulatorFiles(sources)));
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One hash for all files of a context. */
export async function contextHash(files: readonly ContextFile[]): Promise<string> {
  const hash = createHash("sha256");
  for (const file of files) hash.update(`${file.name}\0${await file.fingerprint()}\0`);
  return hash.digest("hex");
}

/** Puts the files into a folder of their own for as long as `use` runs. */
export async function withStagedContext<T>(
  files: readonly ContextFile[],
  use: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "dynamic-sessions-image-"));
  try {
    for (const file of files) {
      const target = path.join(folder, file.name);
      await fs.mkdir(path.dirname(target), { recursive: true });
      await fs.copyFile(await file.locate(), target);
    }
    return await use(folder);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}

/** The files of a folder, in the context below `prefix`. */
async function filesBelow(folder: string, prefix = ""): Promise<ContextFile[]> {
  const entries = await fs.readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => localFile(prefix + path.relative(folder, file).split(path.sep).join("/"), file));
}

function localFile(name: string, location: string): ContextFile {
  return {
    name,
    fingerprint: async () =>
      createHash("sha256")
        .update(await fs.readFile(location))
        .digest("hex"),
    locate: async () => location,
  };
}

async function interpreterFile(location: string, name = "interpreter.mjs"): Promise<ContextFile> {
  await mustExist(location, "base", "the interpreter's bundle");
  return localFile(name, location);
}

/** The package in small: the emulator's bundle, and what it builds the images of sessions from. */
async function emulatorFiles({
  images,
  interpreter,
  emulator,
  manifest,
}: ImageSources): Promise<ContextFile[]> {
  const command = path.join(emulator, "cli.js");
  await mustExist(command, "emulator", "the emulator's bundle");
  const ofSessions = (await filesBelow(images)).filter(({ name }) => !name.startsWith("emulator/"));
  return [
    localFile("app/package.json", manifest),
    await interpreterFile(interpreter, "app/dist/interpreter/interpreter.mjs"),
    ...(await filesBelow(emulator, "app/dist/")),
    ...ofSessions.map((file) => ({ ...file, name: `app/images/${file.name}` })),
  ];
}

async function mustExist(location: string, image: string, what: string): Promise<void> {
  await fs.access(location).catch((cause: unknown) => {
    throw new ImageBuildError(
      `image '${image}' needs ${what}, and ${location} is not there: run npm run build`,
      "",
      { cause },
    );
  });
}
