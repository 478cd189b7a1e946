import { Command } from "commander";
import { packageVersion } from "../../version.js";
import { banner } from "../banner.js";
import type { CliContext } from "../context.js";
import { optionFlags } from "../option-flags.js";
import { progressLines } from "../progress-lines.js";
import { startSettings } from "../settings.js";
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
  const settings = await startSettings(flags, context);
  const stop = listenForStop(context);
  const progress = progressLines(context, context.printError);
  try {
    const startEmulator = await context.loadEmulator();
    const abort = new AbortController();
    void stop.reason.then(() => abort.abort());
    const starting = startEmulator({ ...settings, onProgress: progress.line, signal: abort.signal });
    const emulator = await starting
      .finally(() => progress.end())
      .catch((error: unknown) => {
        // A start that was ended as asked is no failure.
        if (!abort.signal.aborted) throw error;
        return undefined;
      });
    if (emulator) {
      // Standard output belongs to the log lines when a program reads them.
      const print = settings.logFormat === "json" ? context.printError : context.print;
      for (const line of banner(emulator, packageVersion())) print(line);
    }
    const reason = await stop.reason;
    await emulator?.close();
    if ("crash" in reason) throw reason.crash;
  } finally {
    stop.dispose();
  }
}
