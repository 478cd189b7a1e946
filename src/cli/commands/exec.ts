import { spawn } from "node:child_process";
import os from "node:os";
import { Command } from "commander";
import type { Emulator } from "../../emulator.js";
import { clientEnvironment } from "../client-environment.js";
import type { CliContext } from "../context.js";
import { CommandEnd } from "../failure.js";
import { optionFlags } from "../option-flags.js";
import { progressLines } from "../progress-lines.js";
import { startSettings } from "../settings.js";
import { sameKeypressMs } from "../shutdown.js";

const examples = `
The command finds the emulator through its environment: POOL_MANAGEMENT_ENDPOINT and the names that clients look for,
DSE_URL, DSE_POOL_<NAME> for each pool, IDENTITY_ENDPOINT for tokens; 'env' lists them. Its standard output is its
own. Unless --port is given, any free port is taken, so that several can run side by side.

Exit code: the command's own, 128 + n after signal n, 127 when there is no such command.

Examples:
  exec -- pytest tests/integration
  exec --config pools.yaml -- npm test
  exec --image my-byoc:dev --target-port 6000 -- sh -c 'curl "$DSE_POOL_CUSTOM/health?identifier=my-session-1"'`;

/** Where `exec` differs from `start`. */
const ownDefaults: Readonly<Record<string, string>> = { port: "any free one", logLevel: "silent" };

/** What shells answer (POSIX 2.8.2). */
const shellCodes = { notExecutable: 126, notFound: 127, signalled: 128 } as const;

/** `exec`: an emulator for as long as one command runs. */
export function execCommand(context: CliContext): Command {
  const command = new Command("exec")
    .description("start an emulator, run a command against it, stop it, end with the command's exit code")
    .argument("<command...>", "the command and its arguments, best after --")
    .passThroughOptions()
    .addHelpText("after", examples)
    .action((words: string[], flags: Record<string, unknown>) => exec(words, flags, context));
  for (const option of optionFlags()) {
    const ownDefault = ownDefaults[option.attributeName()];
    if (ownDefault !== undefined) {
      option.description = option.description.replace(/\(default: [^)]*\)/, `(default: ${ownDefault})`);
    }
    command.addOption(option);
  }
  return command;
}

async function exec(words: string[], flags: Record<string, unknown>, context: CliContext): Promise<void> {
  const { environment } = context;
  const settings = await startSettings(
    {
      ...flags,
      port: flags.port ?? (environment.DSE_PORT ? undefined : "0"),
      logLevel: flags.logLevel ?? (environment.DSE_LOG_LEVEL ? undefined : "silent"),
    },
    context,
  );
  const abort = new AbortController();
  let forward = (signal: NodeJS.Signals): void => abort.abort(signal);
  const release = context.onSignal((signal) => forward(signal));
  const progress = progressLines(context, context.printError);
  let emulator: Emulator | undefined;
  try {
    const startEmulator = await context.loadEmulator();
    emulator = await startEmulator({
      ...settings,
      logOutput: "stderr",
      onProgress: progress.line,
      signal: abort.signal,
    })
      .finally(() => progress.end())
      .catch((error: unknown) => {
        throw abort.signal.aborted ? new CommandEnd(codeOfSignal(abort.signal.reason)) : error;
      });
    if (abort.signal.aborted) throw new CommandEnd(codeOfSignal(abort.signal.reason));
    for (const note of emulator.notes) context.printError(note);
    const child = spawn(words[0] ?? "", words.slice(1), {
      stdio: "inherit",
      cwd: context.workingDirectory,
      env: { ...environment, ...clientEnvironment(emulator) },
    });
    // Ctrl+C reaches every process of a terminal by itself.
    forward = (signal) => {
      if (signal !== "SIGINT" || !context.interactive) child.kill(signal);
    };
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", (error) => reject(error));
      child.once("exit", (exitCode, signal) => resolve(exitCode ?? codeOfSignal(signal)));
    }).catch((error: NodeJS.ErrnoException) => {
      const [line, exitCode] = cannotRun(words[0] ?? "", error);
      context.printError(line);
      return exitCode;
    });
    if (code !== 0) throw new CommandEnd(code);
  } finally {
    // A second signal while the sessions are removed ends the process at once.
    const since = Date.now();
    forward = (signal) => void (Date.now() - since > sameKeypressMs && context.exit(codeOfSignal(signal)));
    try {
      await emulator?.close();
    } finally {
      release();
    }
  }
}

function codeOfSignal(signal: unknown): number {
  const number = os.constants.signals[signal as NodeJS.Signals];
  return shellCodes.signalled + (number ?? 0);
}

function cannotRun(command: string, error: NodeJS.ErrnoException): [line: string, exitCode: number] {
  if (error.code === "ENOENT") {
    const line = `error: exec: there is no command '${command}'. Check its spelling, or give its path.`;
    return [line, shellCodes.notFound];
  }
  const line = `error: exec: '${command}' could not be run: ${error.message}.`;
  return [line, shellCodes.notExecutable];
}
