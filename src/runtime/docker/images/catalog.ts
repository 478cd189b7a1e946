import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The project's images, each a folder of `images/`. `relay` carries a session's traffic, `system` is what the
 * others share, `base` is the one to derive from, `emulator` is no session's but the emulator itself.
 */
export const IMAGE_NAMES = ["relay", "system", "base", "python", "node", "r", "shell", "emulator"] as const;
export type ImageName = (typeof IMAGE_NAMES)[number];

const REPOSITORY_PREFIX = "dynamic-sessions/";
/** Images that a Dockerfile builds from or copies out of. The project's Dockerfiles have no named stages. */
const PARENT = /^(?:FROM\s+|COPY\s+.*?--from=)(\S+)/gim;

/** Where the image sources are; both in the repository and in an installed package. */
export interface ImageSources {
  /** Folder with one folder for each image. */
  images: string;
  /** The interpreter's bundle, copied into the base image. */
  interpreter: string;
  /** Folder with the emulator's bundle, copied into its own image. */
  emulator: string;
  /** The package.json. */
  manifest: string;
  /** The package's version, for the second tag. */
  version: string;
}

/** The sources that belong to this very module: the package is the first folder above with a package.json. */
export function packagedSources(): ImageSources {
  let root = path.dirname(fileURLToPath(import.meta.url));
  while (!fs.existsSync(path.join(root, "package.json"))) {
    const above = path.dirname(root);
    if (above === root) throw new Error("the package's own folder was not found: install the package again");
    root = above;
  }
  const manifest = path.join(root, "package.json");
  const { version } = JSON.parse(fs.readFileSync(manifest, "utf8")) as { version: string };
  return {
    images: path.join(root, "images"),
    interpreter: path.join(root, "dist/interpreter/interpreter.mjs"),
    emulator: path.join(root, "dist/container"),
    manifest,
    version,
  };
}

/** `dynamic-sessions/<name>`. */
export function imageRepository(name: ImageName): string {
  return `${REPOSITORY_PREFIX}${name}`;
}

/** `dynamic-sessions/<name>:<tag>`. */
export function imageReference(name: ImageName, tag = "latest"): string {
  return `${imageRepository(name)}:${tag}`;
}

/** The name behind a reference of the project's own images, whatever its tag; undefined for any other image. */
export function imageNameOf(reference: string): ImageName | undefined {
  return IMAGE_NAMES.find((name) => reference.replace(/:[^:/]*$/, "") === imageRepository(name));
}

/** The names whose image this version of the package can build. */
export function buildableImages(sources: ImageSources): ImageName[] {
  return IMAGE_NAMES.filter((name) => fs.existsSync(dockerfileOf(sources, name)));
}

/** What an image's Dockerfile takes from other images: its `FROM` first, then every `COPY --from`. */
export function parentReferences(sources: ImageSources, name: ImageName): string[] {
  const text = fs.readFileSync(dockerfileOf(sources, name), "utf8");
  return [...text.matchAll(PARENT)].map((match) => String(match[1]));
}

/** The names and everything that they stand on, parents first, each once. */
export function inBuildOrder(sources: ImageSources, names: readonly ImageName[]): ImageName[] {
  const order = new Set<ImageName>();
  const add = (name: ImageName): void => {
    for (const reference of parentReferences(sources, name)) {
      const parent = imageNameOf(reference);
      if (parent !== undefined) add(parent);
    }
    order.add(name);
  };
  for (const name of names) add(name);
  return [...order];
}

function dockerfileOf(sources: ImageSources, name: ImageName): string {
  return path.join(sources.images, name, "Dockerfile");
}
