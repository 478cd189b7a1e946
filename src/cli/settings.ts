import { formatIssue } from "../config/config-error.js";
import { defaultPools } from "../config/defaults.js";
import { loadPools } from "../config/load-pools.js";
import { type EmulatorOptions, resolveOptions } from "../config/options.js";
import type { StartOptions } from "../emulator.js";
import type { CliContext } from "./context.js";

/**
 * What an emulator is started with, from flags, environment and pools file; what is doubtful in them is said.
 * @throws ConfigError that names each wrong flag, variable or line
 */
export async function startSettings(
  flags: Readonly<Record<string, unknown>>,
  context: CliContext,
): Promise<StartOptions> {
  const { config, image, targetPort, ...options } = resolveOptions(flags, context.environment);
  const loaded = await loadPools({ config, image, targetPort }, context.workingDirectory);
  const warn = (line: string) => context.printError(`warning: ${line}`);
  for (const issue of loaded.warnings) warn(formatIssue(issue));
  if (isOpenToOthers(options)) {
    warn(
      `--host: ${options.host} lets other machines run code here without a token. Use 127.0.0.1 or --auth strict.`,
    );
  }
  // Pools that nobody has asked for by name may be missing.
  const optionalPools = loaded.file === undefined ? defaultPools().map(({ name }) => name) : [];
  return { ...options, pools: loaded.pools, optionalPools };
}

function isOpenToOthers({ host, auth }: Pick<EmulatorOptions, "host" | "auth">): boolean {
  const loopback = /^(127\.[\d.]+|localhost|\[?::1\]?)$/;
  return auth === "lenient" && !loopback.test(host);
}
