import { Command, Option } from "commander";
import { ConfigError } from "../config/config-error.js";
import { optionDefinitions } from "../config/options.js";
import type { CliContext } from "./context.js";
import { ControlClient } from "./control-client.js";

/** Values of {@link addressOption} and {@link jsonOption}, as commander gives them. */
export interface ControlFlags {
  url?: string;
  json?: boolean;
}

/** A command that asks an emulator which runs already. */
export function controlCommand(name: string): Command {
  return new Command(name).addOption(
    new Option(
      "--url <url>",
      `address of the running emulator (default: http://localhost:${optionDefinitions.port.defaultValue}) [DSE_URL]`,
    ),
  );
}

/** Output for a program: one JSON document, nothing else on standard output. */
export function jsonOption(): Option {
  return new Option("--json", "print JSON for a program to read");
}

/**
 * The emulator that a command is about: `--url`, else `DSE_URL`, else the port of `DSE_PORT` or the usual one.
 * @throws ConfigError when that is no address
 */
export function controlClient({ url }: ControlFlags, { environment }: CliContext): ControlClient {
  const port = environment.DSE_PORT || optionDefinitions.port.defaultValue;
  const written = url ?? (environment.DSE_URL || `http://localhost:${port}`);
  if (/^https?:\/\/[^/?#]+\/*$/.test(written) && URL.canParse(written)) {
    return new ControlClient(written.replace(/\/+$/, ""));
  }
  const key = url === undefined ? "DSE_URL" : "--url";
  const fix = "Write where the emulator answers, without a path: http://localhost:4380.";
  throw new ConfigError([{ key, message: `"${written}" is no address of an emulator`, fix }]);
}
