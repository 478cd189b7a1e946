import { Command, CommanderError } from "commander";
import { packageVersion } from "../version.js";
import { imagesCommand } from "./commands/images.js";
import { startCommand } from "./commands/start.js";
import type { CliContext } from "./context.js";
import { describeFailure, exitCodes } from "./failure.js";

/** Every command, one file each. */
const commands = [startCommand, imagesCommand];

/**
 * Runs one command line.
 * @param words what follows the program's name
 * @returns the exit code: 0 stopped as asked, 1 failed, 2 a wrong option, variable or pools file
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
    .addHelpText("after", "\nSee the options of a command with: dynamic-sessions-emulator <command> --help");
  for (const command of commands) root.addCommand(command(context));
  for (const command of withSubcommands(root)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.printError(text.trimEnd()),
      outputError: (text, write) => write(`${text.trim().replaceAll(/\s*\n\s*/g, " ")}. See --help.`),
    });
  }
  return root;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
