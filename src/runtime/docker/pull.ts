import type Docker from "dockerode";
import { RuntimeError } from "../runtime.js";
import { engineError } from "./engine.js";
import { type PullEvent, PulledShare } from "./pulled-share.js";

/** True when the engine has the image. */
export async function hasImage(docker: Docker, reference: string): Promise<boolean> {
  try {
    await docker.getImage(reference).inspect();
    return true;
  } catch (error) {
    if (engineError(error).status === 404) return false;
    throw error;
  }
}

/**
 * Pulls an image that the engine lacks.
 * @throws RuntimeError `image-missing` with the engine's own words
 */
export async function pullImage(
  docker: Docker,
  reference: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  onProgress(`Pulling ${reference}`);
  try {
    const shares = new PulledShare(reference);
    const stream = await docker.pull(withTag(reference), { abortSignal: signal });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(
        stream,
        (error) => (error ? reject(error) : resolve()),
        (event: PullEvent) => {
          const share = shares.take(event);
          if (share !== undefined) onProgress(share);
          else if (event.status && !event.progress) onProgress(`  ${event.status}`);
        },
      );
    });
  } catch (error) {
    throw new RuntimeError(
      "image-missing",
      `the engine has no image '${reference}' and could not pull it: ${engineError(error).message}. ` +
        "Build it (docker build -t …), log in to its registry and pull it by hand, or correct 'image' (--image)",
      "",
      { cause: error },
    );
  }
}

/** Without a tag the engine would pull every tag of the repository. */
function withTag(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return name.includes(":") || name.includes("@") ? reference : `${reference}:latest`;
}
