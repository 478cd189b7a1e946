import type Docker from "dockerode";
import { engineError } from "../engine.js";
import { hasImage } from "../pull.js";
import { BuildLog } from "./build-log.js";
import { ImageBuildError } from "./image-build-error.js";

/**
 * Makes sure that the engine has an image of others that one of ours builds from: the local one, else pulled.
 * @param onLine the pull's progress
 * @throws ImageBuildError that names `npm run engine -- --base`, which makes it without a registry
 */
export async function ensureOutsideParent(
  docker: Docker,
  reference: string,
  onLine: (text: string) => void,
  signal?: AbortSignal,
): Promise<void> {
  if (await hasImage(docker, reference)) return;
  onLine(`pulling ${reference}`);
  const log = new BuildLog(() => undefined);
  try {
    await log.follow(await docker.pull(reference, { ...(signal && { abortSignal: signal }) }));
  } catch (error) {
    signal?.throwIfAborted();
    log.error = engineError(error).message;
  }
  if (log.error === undefined) return;
  throw new ImageBuildError(
    `${reference} is not there and could not be pulled (${log.error}): run npm run engine -- --base`,
    log.tail(),
  );
}
