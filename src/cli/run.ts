import { Command, CommanderError } from "commander";
import { packageVersion } from "../version.js";
import { clockCommand, resetCommand, tokenCommand } from "./commands/control.js";
import { doctorCommand } from "./commands/doctor.js";
import { envCommand } from "./commands/env.js";
import { execCommand } from "./commands/exec.js";
import { imagesCommand } from "./commands/images.js";
import { poolsCommand } from "./commands/pools.js";
import { sessionsCommand } from "./commands/sessions.js";
import { startCommand } from "./commands/start.js";
import type { CliContext } from "./context.js";
import { describeFailure, exitCodes } from "./failure.js";

/** Every command, in the order of `--help`. */
const commands = [
  startCommand,
  execCommand,
  envCommand,
  poolsCommand,
  sessionsCommand,
  clockCommand,
  resetCommand,
  tokenCommand,
  imagesCommand,
  doctorCommand,
];

const examples = `
Examples:
  dynamic-sessions-emulator start                              pools python, node and shell on port 4380
  dynamic-sessions-emulator exec -- pytest tests/integration   an emulator for as long as the tests run
  dynamic-sessions-emulator doctor                             is this machine ready, and what to do if not
  dynamic-sessions-emulator doctor my-byoc:dev                 will this image work in a custom pool

Every command has a --help of its own, with its options and more examples.
Exit codes: 0 done, 1 failed, 2 a wrong option, variable or pools file.`;

/**
 * Runs one command line.
 * @param words what follows the program's name
 * @returns the exit code: 0 done or stopped as asked, 1 failed, 2 a wrong option, variable or pools file; `exec` ends
 * with its command's
 */
export async function run(words: string[], context: CliContext): Promise<number> {
  try {
    await program(context).parseAsync(words, { from: "user" });
    return exitCodes.stopped;
  } catch (error) {
    // commander has printed its own message by now; help and version end with code 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.stopped : exitCodes.usage;
    const { lines, exitCode } = describeFailure(error, context.environment.DSE_DEBUG === "1");
    for (const line of lines) context.printError(line);
    return exitCode;
  }
}

function program(context: CliContext): Command {
  const root = new Command("dynamic-sessions-emulator")
    .description("Azure Container Apps Dynamic Sessions on this machine.")
    .version(packageVersion(), "-V, --version", "print the version")
    // So that the options of a command that `exec` runs stay that command's.
    .enablePositionalOptions()
    .addHelpText("after", examples);
  for (const command of commands) root.addCommand(command(context));
  for (const command of withSubcommands(root)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
      outputError: (text, write) =>
        write(
          `${text
            .trim()
            .replace(/\.$/, "")
            .replaceAll(/\s*\n\s*/g, " ")}. See --help.`,
        ),
    });
  }
  return root;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
