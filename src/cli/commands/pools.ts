import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Command } from "commander";
import { formatIssue } from "../../config/config-error.js";
import { loadPools } from "../../config/load-pools.js";
import type { CliContext } from "../context.js";
import { type ControlFlags, controlClient, controlCommand, jsonOption } from "../emulator-address.js";
import { poolsTemplate } from "../pools-template.js";
import { table } from "../table.js";

const usualFile = "pools.yaml";

const examples = `
Examples:
  dynamic-sessions-emulator pools list                what the running emulator serves
  dynamic-sessions-emulator pools show python         one pool: address, image, limits, sessions
  dynamic-sessions-emulator pools init                writes pools.yaml, with notes
  dynamic-sessions-emulator pools check pools.yaml    every mistake with line and column, nothing is started`;

/** `pools`: those of the running emulator, and the file that they are written in. */
export function poolsCommand(context: CliContext): Command {
  const command = new Command("pools")
    .description("the pools of the running emulator, and the pools file")
    .addHelpText("after", examples);
  const list = controlCommand("list")
    .description("list the pools of the running emulator")
    .addOption(jsonOption())
    .action((flags: ControlFlags) => listPools(flags, context));
  const show = controlCommand("show")
    .description("show everything about one pool of the running emulator")
    .argument("<name>", "the pool's name")
    .addOption(jsonOption())
    .action((name: string, flags: ControlFlags) => showPool(name, flags, context));
  const check = new Command("check")
    .description("check a pools file without starting anything")
    .argument("[file]", "the file (default: pools.yaml)")
    .action((file: string | undefined) => checkFile(file ?? usualFile, context));
  const init = new Command("init")
    .description("write an annotated pools file; an existing one is left alone")
    .argument("[file]", "the file (default: pools.yaml)")
    .action((file: string | undefined) => writeTemplate(file ?? usualFile, context));
  for (const part of [list, show, check, init]) command.addCommand(part.addHelpText("after", examples));
  return command;
}

async function listPools(flags: ControlFlags, context: CliContext): Promise<void> {
  const pools = await controlClient(flags, context).pools();
  if (flags.json) {
    context.print(JSON.stringify({ value: pools }, null, 2));
    return;
  }
  const headings = ["NAME", "TYPE", "SESSIONS", "READY", "ENDPOINT"];
  const rows = pools.map(({ name, containerType, allocated, max, ready, endpoint }) => [
    name,
    containerType,
    `${allocated}/${max}`,
    String(ready),
    endpoint,
  ]);
  for (const line of table(headings, rows)) context.print(line);
  for (const { name, problem } of pools) {
    if (problem !== undefined) context.printError(`warning: pool '${name}': ${problem}`);
  }
}

async function showPool(name: string, flags: ControlFlags, context: CliContext): Promise<void> {
  const pool = await controlClient(flags, context).pool(name);
  if (flags.json) {
    context.print(JSON.stringify(pool, null, 2));
    return;
  }
  const rows = Object.entries(pool).map(([key, value]) => [
    key,
    typeof value === "object" && value !== null
      ? Object.entries(value)
          .map((entry) => entry.join(" "))
          .join(", ")
      : String(value),
  ]);
  const width = Math.max(...rows.map(([key]) => key?.length ?? 0));
  for (const [key = "", value] of rows) context.print(`${key.padEnd(width)}  ${value}`);
}

async function checkFile(file: string, context: CliContext): Promise<void> {
  const { pools, warnings } = await loadPools({ config: file }, context.workingDirectory);
  for (const issue of warnings) context.printError(`warning: ${formatIssue(issue)}`);
  const names = pools.map(({ name }) => name).join(", ");
  context.print(`${file}: ${pools.length} ${pools.length === 1 ? "pool" : "pools"} (${names}), no mistakes`);
}

async function writeTemplate(file: string, context: CliContext): Promise<void> {
  try {
    await writeFile(resolve(context.workingDirectory, file), poolsTemplate, { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "EEXIST") throw error;
    throw new Error(`${file} is there already and was left alone. Remove it first, or name another file.`, {
      cause: error,
    });
  }
  context.print(`${file} written. Next: dynamic-sessions-emulator start`);
}
