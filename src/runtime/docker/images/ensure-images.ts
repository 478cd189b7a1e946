import type Docker from "dockerode";
import { isGone } from "../engine.js";
import { type BuildImagesOptions, type BuiltImage, buildImages } from "./build-images.js";
import { type ImageName, imageNameOf, imageReference, packagedSources } from "./catalog.js";

/** Those of the named images that the engine does not have, whatever their version. */
export async function missingImages(docker: Docker, names: readonly ImageName[]): Promise<ImageName[]> {
  const missing: ImageName[] = [];
  for (const name of names) {
    try {
      await docker.getImage(imageReference(name)).inspect();
    } catch (error) {
      if (!isGone(error)) throw error;
      missing.push(name);
    }
  }
  return missing;
}

/**
 * Makes those of the given image references that are the project's own what this version of the package says:
 * builds what is missing or out of date. Images of others, and older versions asked for by their tag, are
 * left alone. Decided in milliseconds when nothing is to be done.
 * @param references image references as pools name them, for example `dynamic-sessions/python:latest`
 * @throws ImageBuildError as {@link buildImages}
 */
export function ensureImages(
  docker: Docker,
  references: readonly string[],
  options: Omit<BuildImagesOptions, "force"> = {},
): Promise<BuiltImage[]> {
  const sources = options.sources ?? packagedSources();
  const names = references.flatMap((reference) => {
    const name = imageNameOf(reference);
    const current = name && [imageReference(name), imageReference(name, sources.version)];
    return name && current?.includes(reference) ? [name] : [];
  });
  return buildImages(docker, names, { ...options, sources });
}
