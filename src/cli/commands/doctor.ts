import { Command, Option } from "commander";
import { ConfigError } from "../../config/config-error.js";
import { customPool } from "../../config/defaults.js";
import { loadPools } from "../../config/load-pools.js";
import { type EmulatorOptions, resolveOptions } from "../../config/options.js";
import type { PoolConfig } from "../../config/pool-config.js";
import { correction } from "../../config/suggest.js";
import { type Finding, findingLines } from "../../doctor/finding.js";
import type { CliContext } from "../context.js";
import { jsonOption } from "../emulator-address.js";
import { CommandEnd, exitCodes } from "../failure.js";
import { optionFlags } from "../option-flags.js";
import { progressLines } from "../progress-lines.js";

const examples = `
Without an image: is this machine ready for an emulator. With one: it is started as a custom pool would start it, asked
what clients ask, and removed. Every finding that is not ok has what to do about it beside it.

Exit code: 0 when nothing failed, 1 otherwise.

Examples:
  dynamic-sessions-emulator doctor
  dynamic-sessions-emulator doctor my-byoc:dev --target-port 8080
  dynamic-sessions-emulator doctor my-byoc:dev --egress --json
  dynamic-sessions-emulator doctor --pool my-byoc           a pool of pools.yaml: its env, probes and limits too`;

interface DoctorFlags extends Record<string, unknown> {
  egress?: boolean;
  pool?: string;
  json?: boolean;
}

/** `doctor`: what is wrong, before it goes wrong. */
export function doctorCommand(context: CliContext): Command {
  const command = new Command("doctor")
    .description("check this machine, or an image for a custom pool")
    .argument("[image]", "image to check, for example my-byoc:dev")
    .addOption(
      new Option("--egress", "let the image reach the network, as sessionNetworkStatus: EgressEnabled"),
    )
    .addOption(
      new Option("--pool <name>", "check the image of this pool of the pools file, under its settings"),
    )
    .addOption(jsonOption())
    .addHelpText("after", examples)
    .action((image: string | undefined, flags: DoctorFlags) => doctor(image, flags, context));
  const options = optionFlags(
    "targetPort",
    "config",
    "host",
    "port",
    "runtime",
    "dockerHost",
    "reach",
    "startupTimeoutSeconds",
  );
  for (const option of options) command.addOption(option);
  return command;
}

async function doctor(image: string | undefined, flags: DoctorFlags, context: CliContext): Promise<void> {
  const options = resolveOptions({ ...flags, image: image ?? flags.image }, context.environment);
  const pool = await poolToCheck(image, flags, options, context);
  const findings = pool
    ? await checkImage(pool, options, context)
    : await import("../../doctor/machine.js").then(({ examineMachine }) => examineMachine(options));
  const failed = findings.some(({ level }) => level === "fail");
  if (flags.json) {
    const subject = pool && { image: pool.image, targetPort: pool.targetPort };
    context.print(JSON.stringify({ ok: !failed, ...subject, findings }, null, 2));
  } else {
    for (const line of findingLines(findings)) context.print(line);
  }
  if (failed) throw new CommandEnd(exitCodes.failed);
}

async function checkImage(
  pool: PoolConfig,
  options: EmulatorOptions,
  context: CliContext,
): Promise<Finding[]> {
  const { examineImage } = await import("../../doctor/image/examine.js");
  const abort = new AbortController();
  const release = context.onSignal((signal) => abort.abort(new Error(`the doctor was stopped (${signal})`)));
  const progress = progressLines(context, context.printError);
  try {
    return await examineImage({ pool, options }, { onProgress: progress.line, signal: abort.signal });
  } catch (error) {
    // Whatever it was about when it was told to stop.
    throw abort.signal.aborted ? abort.signal.reason : error;
  } finally {
    progress.end();
    release();
  }
}

/** The pool whose conditions hold; undefined when the machine is meant. */
async function poolToCheck(
  image: string | undefined,
  flags: DoctorFlags,
  { targetPort, config }: EmulatorOptions,
  context: CliContext,
): Promise<PoolConfig | undefined> {
  const network = flags.egress ? ({ sessionNetworkStatus: "EgressEnabled" } as const) : {};
  if (flags.pool === undefined) {
    return image === undefined ? undefined : customPool({ image, targetPort, ...network });
  }
  const { pools } = await loadPools({ config }, context.workingDirectory);
  const found = pools.find(({ name }) => name === flags.pool);
  if (!found) {
    const fix = correction(
      flags.pool,
      pools.map(({ name }) => name),
    );
    throw new ConfigError([{ key: "--pool", message: `there is no pool "${flags.pool}"`, fix }]);
  }
  return { ...found, ...(image !== undefined && { image }), ...network };
}
