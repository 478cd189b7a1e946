import { Command, Option } from "commander";
import type { CliContext } from "../context.js";
import type { ControlSession } from "../control-client.js";
import { type ControlFlags, controlClient, controlCommand, jsonOption } from "../emulator-address.js";
import { table } from "../table.js";

const examples = `
Examples:
  dynamic-sessions-emulator sessions list --pool python
  dynamic-sessions-emulator sessions list --json
  dynamic-sessions-emulator sessions stop python my-session-1`;

/** `sessions`: what goes on in the running emulator. */
export function sessionsCommand(context: CliContext): Command {
  const list = controlCommand("list")
    .description("list the sessions of the running emulator")
    .addOption(new Option("--pool <name>", "only those of one pool"))
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action(async (flags: ControlFlags & { pool?: string }) => {
      const client = controlClient(flags, context);
      const only = flags.pool === undefined ? undefined : (await client.pool(flags.pool)).name;
      const sessions = (await client.sessions()).filter(({ pool }) => only === undefined || pool === only);
      if (flags.json) context.print(JSON.stringify({ value: sessions }, null, 2));
      else for (const line of listing(sessions)) context.print(line);
    });
  const stop = controlCommand("stop")
    .description("end one session, as a client of the pool can")
    .argument("<pool>", "the pool's name")
    .argument("<identifier>", "the session's identifier")
    .addHelpText("after", examples)
    .action(async (pool: string, identifier: string, flags: ControlFlags) => {
      await controlClient(flags, context).stopSession(pool, identifier);
      context.print(`session '${identifier}' of pool '${pool}' ended`);
    });
  return new Command("sessions")
    .description("the sessions of the running emulator")
    .addHelpText("after", examples)
    .addCommand(list)
    .addCommand(stop);
}

function listing(sessions: readonly ControlSession[]): string[] {
  if (sessions.length === 0) return ["no sessions"];
  const headings = ["POOL", "IDENTIFIER", "STATE", "EXPIRES", "CONTAINER"];
  const rows = sessions.map(({ pool, identifier, state, expiresAt, container }) => [
    pool,
    identifier,
    state,
    expiresAt,
    container ?? "-",
  ]);
  return table(headings, rows);
}
