import type Docker from "dockerode";
import { engineError, isGone } from "../engine.js";
import { type ContextFile, contextFiles, contextHash, withStagedContext } from "./build-context.js";
import { BuildLog } from "./build-log.js";
import {
  type ImageName,
  type ImageSources,
  imageNameOf,
  imageReference,
  imageRepository,
  inBuildOrder,
  packagedSources,
  parentReferences,
} from "./catalog.js";
import { ImageBuildError } from "./image-build-error.js";
import { ensureOutsideParent } from "./outside-parent.js";
import type { ImageProgress } from "./progress.js";

/** Labels by which an image is known to be up to date. Containers inherit them, hence a prefix of their own. */
const LABEL = {
  /** Hash of the build context. */
  content: "dynamic-sessions.image.content",
  /** Ids of the images of ours that it was built from. */
  parents: "dynamic-sessions.image.parents",
} as const;

/** A step that takes long says after each such time that it goes on. */
const STILL_EVERY_MS = 10_000;

/** How images are built. */
export interface BuildImagesOptions {
  onProgress?: (progress: ImageProgress) => void;
  /** Build everything anew, without the engine's cache: packages are fetched again. */
  force?: boolean;
  signal?: AbortSignal;
  /** Default: the package's own. */
  sources?: ImageSources;
}

/** What became of one image. */
export interface BuiltImage {
  name: ImageName;
  reference: string;
  outcome: "built" | "unchanged";
  elapsedMs: number;
}

/**
 * Builds the named images and what they stand on, parents first, through the Engine API's classic builder.
 * An image whose files and whose parent are as they were is left alone, without sending anything.
 * @throws ImageBuildError that names the step that failed
 */
export async function buildImages(
  docker: Docker,
  names: readonly ImageName[],
  options: BuildImagesOptions = {},
): Promise<BuiltImage[]> {
  const sources = options.sources ?? packagedSources();
  const results: BuiltImage[] = [];
  for (const name of inBuildOrder(sources, names)) {
    options.signal?.throwIfAborted();
    const started = performance.now();
    const report = (event: DistributiveOmit<ImageProgress, "image" | "elapsedMs">): void =>
      options.onProgress?.({
        ...event,
        image: name,
        elapsedMs: performance.now() - started,
      } as ImageProgress);
    const outcome = await bringUpToDate({ docker, sources, name, options, report });
    report({ kind: outcome });
    results.push({ name, reference: imageReference(name), outcome, elapsedMs: performance.now() - started });
  }
  return results;
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

interface Work {
  docker: Docker;
  sources: ImageSources;
  name: ImageName;
  options: BuildImagesOptions;
  report: (event: DistributiveOmit<ImageProgress, "image" | "elapsedMs">) => void;
}

async function bringUpToDate(work: Work): Promise<"built" | "unchanged"> {
  const { docker, sources, name, options } = work;
  const { files, labels, existing, isCurrent } = await compare(docker, sources, name);
  let outcome: "built" | "unchanged" = "unchanged";
  if (options.force || !isCurrent) {
    const pulling = (text: string): void => work.report({ kind: "pull", text });
    const outside = parentReferences(sources, name).filter(
      (reference) => imageNameOf(reference) === undefined,
    );
    for (const parent of outside) {
      await ensureOutsideParent(docker, parent, pulling, options.signal);
    }
    await build(work, files, labels);
    outcome = "built";
  }
  const versioned = imageReference(name, sources.version);
  if (outcome === "built" || !existing?.RepoTags?.includes(versioned)) {
    await docker.getImage(imageReference(name)).tag({ repo: imageRepository(name), tag: sources.version });
  }
  if (outcome === "built" && existing) await removeReplaced(docker, existing.Id);
  return outcome;
}

/** An image of the project's own, as the engine has it. */
export interface ImageState {
  name: ImageName;
  reference: string;
  /** `out of date`: its files or its parent have changed since it was built. */
  state: "present" | "out of date" | "absent";
  /** Bytes, shared layers included; absent when the image is. */
  size?: number;
  /** ISO 8601; absent when the image is. */
  createdAt?: string;
}

/** How the named images are, without building anything. */
export async function imageStates(
  docker: Docker,
  names: readonly ImageName[],
  sources: ImageSources = packagedSources(),
): Promise<ImageState[]> {
  const states: ImageState[] = [];
  const stale = new Set<string>();
  for (const name of inBuildOrder(sources, names)) {
    const { existing, isCurrent } = await compare(docker, sources, name);
    const reference = imageReference(name);
    const onStale = parentReferences(sources, name).some((parent) => stale.has(parent));
    if (!isCurrent || onStale) stale.add(reference);
    if (!names.includes(name)) continue;
    if (!existing) states.push({ name, reference, state: "absent" });
    else {
      const state = stale.has(reference) ? "out of date" : "present";
      states.push({ name, reference, state, size: existing.Size, createdAt: existing.Created });
    }
  }
  return states;
}

/** An image as it is and as it should be. */
async function compare(docker: Docker, sources: ImageSources, name: ImageName) {
  const files = await contextFiles(docker, sources, name);
  const ours = parentReferences(sources, name).filter((reference) => imageNameOf(reference) !== undefined);
  const ids = await Promise.all(ours.map(async (reference) => (await inspect(docker, reference))?.Id));
  const labels: Record<string, string> = {
    [LABEL.content]: await contextHash(files),
    // Always set: otherwise an image would inherit its parent's.
    [LABEL.parents]: ids.join(" "),
  };
  const existing = await inspect(docker, imageReference(name));
  const current = existing?.Config.Labels ?? {};
  const isCurrent = Object.entries(labels).every(([label, value]) => current[label] === value);
  return { files, labels, existing, isCurrent };
}

/** Gives back the disk space of the image that a new one has replaced, unless it has a name or a use left. */
async function removeReplaced(docker: Docker, id: string): Promise<void> {
  const replaced = await inspect(docker, id);
  if (replaced === undefined || replaced.RepoTags?.length) return;
  await docker
    .getImage(id)
    .remove()
    .catch((error: unknown) => {
      if (engineError(error).status !== 409 && !isGone(error)) throw error;
    });
}

async function build(
  work: Work,
  files: readonly ContextFile[],
  labels: Record<string, string>,
): Promise<void> {
  const { docker, name, options, report } = work;
  const log = new BuildLog(({ step, steps, instruction }) =>
    report({ kind: "step", step, steps, text: instruction }),
  );
  const still = setInterval(
    () => report({ kind: "still", step: log.step, steps: log.steps, text: log.lastLine }),
    STILL_EVERY_MS,
  );
  try {
    await withStagedContext(files, async (folder) => {
      const stream = await docker.buildImage(
        { context: folder, src: files.map((file) => file.name) },
        {
          t: imageReference(name),
          labels,
          nocache: options.force ?? false,
          rm: true,
          forcerm: true,
          ...(options.signal && { abortSignal: options.signal }),
        },
      );
      await log.follow(stream);
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof ImageBuildError) throw error;
    log.error = engineError(error).message;
  } finally {
    clearInterval(still);
  }
  if (log.error !== undefined) {
    const where = log.step > 0 ? `step ${log.step}/${log.steps} (${log.instruction}) failed` : "failed";
    throw new ImageBuildError(`image '${name}' could not be built: ${where}: ${log.error}`, log.tail());
  }
}

async function inspect(docker: Docker, reference: string): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await docker.getImage(reference).inspect();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
