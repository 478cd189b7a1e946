import { Command } from "commander";
import { ConfigError } from "../../config/config-error.js";
import { resolveOptions } from "../../config/options.js";
import { correction } from "../../config/suggest.js";
import type { CliContext } from "../context.js";
import { jsonOption } from "../emulator-address.js";
import { optionFlags } from "../option-flags.js";
import { progressLines } from "../progress-lines.js";
import { table } from "../table.js";

const examples = `
Examples:
  dynamic-sessions-emulator images list              which are there, and which are out of date
  dynamic-sessions-emulator images build             all
  dynamic-sessions-emulator images build python      one, and what it stands on
  dynamic-sessions-emulator images build --force r   anew, without the engine's cache`;

/** `images`: the images that sessions are started from. */
export function imagesCommand(context: CliContext): Command {
  const build = new Command("build")
    .description("build the named images and what they stand on, or all")
    .argument("[names...]", "base, python, relay, …")
    .option("--force", "build anew, without the engine's cache")
    .action((names: string[], flags: Record<string, unknown>) => buildNamed(names, flags, context));
  const list = new Command("list")
    .description("list the images and whether the engine has them")
    .addOption(jsonOption())
    .action((flags: Record<string, unknown>) => listAll(flags, context));
  const command = new Command("images").description("the images of sessions").addHelpText("after", examples);
  for (const part of [build, list]) {
    for (const option of optionFlags("dockerHost")) part.addOption(option);
    command.addCommand(part.addHelpText("after", examples));
  }
  return command;
}

/** Loaded on demand: dockerode is slow to load, and few commands need it. */
async function loadImages() {
  const [{ findEngine }, images, { buildableImages, packagedSources }, { formatImageProgress }] =
    await Promise.all([
      import("../../runtime/docker/engine.js"),
      import("../../runtime/docker/images/build-images.js"),
      import("../../runtime/docker/images/catalog.js"),
      import("../../runtime/docker/images/progress.js"),
    ]);
  return { findEngine, ...images, known: buildableImages(packagedSources()), formatImageProgress };
}

async function buildNamed(
  names: string[],
  flags: Record<string, unknown>,
  context: CliContext,
): Promise<void> {
  const { dockerHost } = resolveOptions(flags, context.environment);
  const { findEngine, buildImages, known, formatImageProgress } = await loadImages();
  const wanted = names.map((name) => {
    const image = known.find((candidate) => candidate === name);
    if (image) return image;
    throw new ConfigError([
      { key: "images build", message: `"${name}" is no image`, fix: correction(name, known) },
    ]);
  });

  const abort = new AbortController();
  const release = context.onSignal((signal) => abort.abort(new Error(`the build was stopped (${signal})`)));
  const progress = progressLines(context, context.print);
  try {
    const { docker } = await findEngine(dockerHost);
    await buildImages(docker, wanted.length > 0 ? wanted : known, {
      force: flags.force === true,
      signal: abort.signal,
      onProgress: (event) => progress.line(formatImageProgress(event)),
    });
  } finally {
    progress.end();
    release();
  }
}

async function listAll(flags: Record<string, unknown>, context: CliContext): Promise<void> {
  const { dockerHost } = resolveOptions(flags, context.environment);
  const { findEngine, imageStates, known } = await loadImages();
  const { docker } = await findEngine(dockerHost);
  const images = await imageStates(docker, known);
  if (flags.json) {
    context.print(JSON.stringify({ value: images }, null, 2));
    return;
  }
  const rows = images.map(({ reference, state, size, createdAt }) => [
    reference,
    state,
    size === undefined ? "-" : `${(size / 1e9).toFixed(1)} GB`,
    createdAt === undefined ? "-" : createdAt.slice(0, 10),
  ]);
  for (const line of table(["IMAGE", "STATE", "SIZE", "BUILT"], rows)) context.print(line);
  if (images.some(({ state }) => state !== "present")) {
    context.print("What is absent or out of date is built by: dynamic-sessions-emulator images build");
  }
}
