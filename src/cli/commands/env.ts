import type { Command } from "commander";
import { Option } from "commander";
import { clientEnvironment } from "../client-environment.js";
import type { CliContext } from "../context.js";
import { type ControlFlags, controlClient, controlCommand, jsonOption } from "../emulator-address.js";
import { assignment, evaluationHint, type Shell, shells, usualShell } from "../shell-syntax.js";

const examples = `
Examples:
  eval "$(dynamic-sessions-emulator env)"                        bash, zsh and other shells of the kind
  dynamic-sessions-emulator env --shell fish | source
  dynamic-sessions-emulator env --shell powershell | Out-String | Invoke-Expression
  dynamic-sessions-emulator env --json                           {"DSE_URL": "http://localhost:4380", …}`;

/** `env`: what a client's environment must hold to find a running emulator. */
export function envCommand(context: CliContext): Command {
  return controlCommand("env")
    .description("print the environment variables with which clients find the running emulator")
    .addOption(new Option("--shell <kind>", "syntax of the lines (default: your shell's)").choices(shells))
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (flags: ControlFlags & { shell?: Shell }) => {
      const client = controlClient(flags, context);
      const variables = clientEnvironment({ url: client.url, pools: await client.pools() });
      if (flags.json) {
        context.print(JSON.stringify(variables, null, 2));
        return;
      }
      const shell = flags.shell ?? usualShell(context.environment, process.platform);
      for (const [name, value] of Object.entries(variables)) context.print(assignment(shell, name, value));
      context.print(evaluationHint(shell));
    });
}
