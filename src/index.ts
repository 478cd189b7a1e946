import { defaultPools } from "./config/defaults.js";
import { resolveOptions } from "./config/options.js";
import { parsePoolsFile } from "./config/pools-file.js";
import { type Emulator, type StartOptions, startEmulator as start } from "./emulator.js";

export type { Emulator } from "./emulator.js";

/** A pool as the pools file has it: ARM's property names, e.g. `{name, containerType, image, targetPort}`. */
export interface PoolInput {
  name: string;
  containerType: "PythonLTS" | "NodeLTS" | "Shell" | "CustomContainer";
  [property: string]: unknown;
}

/** What a program may set; the same names and defaults as the command line's, plus the pools. */
export type LibraryOptions = Partial<Omit<StartOptions, "pools">> & {
  /** Default: `python`, `node` and `shell`, as on the command line. */
  pools?: PoolInput[];
};

/**
 * Starts an emulator inside this process: `const { url, close } = await startEmulator({ port: 0 })`.
 * The log is silent unless `logLevel` is set.
 * @throws ConfigError that names each wrong option or pool property
 * @throws RuntimeError when there is no engine or a pool cannot start
 */
export async function startEmulator(options: LibraryOptions = {}): Promise<Emulator> {
  const { pools, onProgress, verifyPools, ...settings } = options;
  const resolved = resolveOptions({ logLevel: "silent", logFormat: "json", ...settings }, {});
  return start({
    ...resolved,
    pools: pools ? parsePoolsFile(JSON.stringify({ pools }), "options").pools : defaultPools(),
    ...(verifyPools !== undefined && { verifyPools }),
    ...(onProgress && { onProgress }),
  });
}
