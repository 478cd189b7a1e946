import { Command } from "commander";
import { ConfigError } from "../../config/config-error.js";
import { resolveOptions } from "../../config/options.js";
import { correction } from "../../config/suggest.js";
import type { CliContext } from "../context.js";
import { optionFlags } from "../option-flags.js";

/** `images`: the images that sessions are started from. */
export function imagesCommand(context: CliContext): Command {
  const build = new Command("build")
    .description("build the named images and what they stand on, or all")
    .argument("[names...]", "base, python, relay, …")
    .option("--force", "build anew, without the engine's cache")
    .action((names: string[], flags: Record<string, unknown>) => buildNamed(names, flags, context));
  for (const option of optionFlags("dockerHost")) build.addOption(option);
  return new Command("images").description("build the images of sessions").addCommand(build);
}

async function buildNamed(
  names: string[],
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<void> {
  const { dockerHost } = resolveOptions(flags, context.environment);
  // Loaded here: dockerode is slow to load, and no other command needs it.
  const [{ findEngine }, { buildImages }, { buildableImages, packagedSources }, { formatImageProgress }] =
    await Promise.all([
      import("../../runtime/docker/engine.js"),
      import("../../runtime/docker/images/build-images.js"),
      import("../../runtime/docker/images/catalog.js"),
      import("../../runtime/docker/images/progress.js"),
    ]);
  const known = buildableImages(packagedSources());
  const wanted = names.map((name) => {
    const image = known.find((candidate) => candidate === name);
    if (image) return image;
    throw new ConfigError([
      { key: "images build", message: `"${name}" is no image`, fix: correction(name, known) },
    ]);
  });

  const abort = new AbortController();
  const release = context.onSignal((signal) => abort.abort(new Error(`the build was stopped (${signal})`)));
  try {
    const { docker } = await findEngine(dockerHost);
    await buildImages(docker, wanted.length > 0 ? wanted : known, {
      force: flags.force === true,
      signal: abort.signal,
      onProgress: (progress) => context.print(formatImageProgress(progress)),
    });
  } finally {
    release();
  }
}
