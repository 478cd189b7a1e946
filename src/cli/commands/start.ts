import { Command } from "commander";
import { formatIssue } from "../../config/config-error.js";
import { loadPools } from "../../config/load-pools.js";
import { type EmulatorOptions, resolveOptions } from "../../config/options.js";
import { packageVersion } from "../../version.js";
import { banner } from "../banner.js";
import type { CliContext } from "../context.js";
import { optionFlags } from "../option-flags.js";
import { listenForStop } from "../shutdown.js";

const examples = `
Every option is also an environment variable, named in brackets; an option wins over its variable.

Examples:
  start                                             pools python, node and shell
  start --config pools.yaml                         the pools of a file
  start --image my-byoc:dev --target-port 6000      one more pool, custom, that runs an image of yours
  start --port 0 --log-format json                  any free port, one JSON line per request`;

/** `start`: runs the emulator until it is told to stop. */
export function startCommand(context: CliContext): Command {
  const command = new Command("start")
    .description("run the emulator until Ctrl+C")
    .addHelpText("after", examples)
    .action((flags: Record<string, unknown>) => start(flags, context));
  for (const option of optionFlags()) command.addOption(option);
  return command;
}

async function start(flags: Record<string, unknown>, context: CliContext): Promise<void> {
  const { config, image, targetPort, ...options } = resolveOptions(flags, context.environment);
  const loaded = await loadPools({ config, image, targetPort }, context.workingDirectory);
  const warn = (line: string) => context.printError(`warning: ${line}`);
  for (const issue of loaded.warnings) warn(formatIssue(issue));
  if (isOpenToOthers(options)) {
    warn(
      `--host: ${options.host} lets other machines run code here without a token. Use 127.0.0.1 or --auth strict.`,
    );
  }

  const stop = listenForStop(context);
  try {
    const startEmulator = await context.loadEmulator();
    const abort = new AbortController();
    void stop.reason.then(() => abort.abort());
    const starting = startEmulator({
      ...options,
      pools: loaded.pools,
      onProgress: (line) => context.printError(line),
      signal: abort.signal,
    });
    const emulator = await starting.catch((error: unknown) => {
      // A start that was ended as asked is no failure.
      if (!abort.signal.aborted) throw error;
      return undefined;
    });
    if (emulator) {
      // Standard output belongs to the log lines when a program reads them.
      const print = options.logFormat === "json" ? context.printError : context.print;
      for (const line of banner(emulator, packageVersion())) print(line);
    }
    const reason = await stop.reason;
    await emulator?.close();
    if ("crash" in reason) throw reason.crash;
  } finally {
    stop.dispose();
  }
}

function isOpenToOthers({ host, auth }: Pick<EmulatorOptions, "host" | "auth">): boolean {
  const loopback = /^(127\.[\d.]+|localhost|\[?::1\]?)$/;
  return auth === "lenient" && !loopback.test(host);
}
