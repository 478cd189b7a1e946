import { Command, InvalidArgumentError, Option } from "commander";
import type { CliContext } from "../context.js";
import { type ControlFlags, controlClient, controlCommand, jsonOption } from "../emulator-address.js";

/** `reset`: every session gone, the pools as configured. */
export function resetCommand(context: CliContext): Command {
  return controlCommand("reset")
    .description("end every session of the running emulator")
    .addHelpText("after", "\nExamples:\n  dynamic-sessions-emulator reset")
    .action(async (flags: ControlFlags) => {
      const client = controlClient(flags, context);
      const sessions = await client.sessions();
      await client.reset();
      context.print(`${sessions.length} ${sessions.length === 1 ? "session" : "sessions"} ended`);
    });
}

const clockExamples = `
Examples:
  dynamic-sessions-emulator clock advance 300      what has a cooldown of five minutes ends now`;

/** `clock advance`: time goes on at once, for cooldowns and longest lives. */
export function clockCommand(context: CliContext): Command {
  const advance = controlCommand("advance")
    .description("move the clock of the running emulator forward")
    .argument("<seconds>", "how far", (text) => {
      if (!/^\d+(\.\d+)?$/.test(text))
        throw new InvalidArgumentError("Write a number of seconds, 0 or more.");
      return Number(text);
    })
    .addOption(jsonOption())
    .addHelpText("after", clockExamples)
    .action(async (seconds: number, flags: ControlFlags) => {
      const now = await controlClient(flags, context).advance(seconds);
      context.print(flags.json ? JSON.stringify({ now }) : `the emulator's time is now ${now}`);
    });
  return new Command("clock")
    .description("the clock of the running emulator")
    .addHelpText("after", clockExamples)
    .addCommand(advance);
}

const tokenExamples = `
Examples:
  curl -H "Authorization: Bearer $(dynamic-sessions-emulator token)" …
  dynamic-sessions-emulator token --resource https://example.org     another audience, to see it refused`;

/** `token`: what `--auth strict` asks for. */
export function tokenCommand(context: CliContext): Command {
  return controlCommand("token")
    .description("print a bearer token of the running emulator")
    .addOption(new Option("--resource <url>", "audience (default: https://dynamicsessions.io)"))
    .addOption(jsonOption())
    .addHelpText("after", tokenExamples)
    .action(async (flags: ControlFlags & { resource?: string }) => {
      const token = await controlClient(flags, context).token(flags.resource);
      context.print(flags.json ? JSON.stringify(token, null, 2) : token.access_token);
    });
}
