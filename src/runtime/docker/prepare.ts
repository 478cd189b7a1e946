import type Docker from "dockerode";
import { RuntimeError } from "../runtime.js";
import { imageNameOf } from "./images/catalog.js";
import { ensureImages } from "./images/ensure-images.js";
import { ImageBuildError } from "./images/image-build-error.js";
import { formatImageProgress } from "./images/progress.js";
import { hasImage, pullImage } from "./pull.js";

/**
 * Makes sure that the engine has the images: builds the project's own when they are missing or out of date,
 * pulls others when they are missing. The same tag is not pulled twice, as on Azure (api-reference 9.2).
 * @throws RuntimeError `image-missing`
 */
export async function prepareImages(
  docker: Docker,
  references: readonly string[],
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    await ensureImages(docker, references, {
      signal,
      onProgress: (progress) => {
        if (progress.kind !== "unchanged") onProgress(formatImageProgress(progress));
      },
    });
  } catch (error) {
    if (!(error instanceof ImageBuildError)) throw error;
    throw new RuntimeError("image-missing", error.message, error.details, { cause: error });
  }
  for (const reference of references) {
    if (imageNameOf(reference) !== undefined || (await hasImage(docker, reference))) continue;
    await pullImage(docker, reference, onProgress, signal);
  }
}
