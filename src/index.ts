import { defaultPools } from "./config/defaults.js";
import { resolveOptions } from "./config/options.js";
import { parsePoolsFile } from "./config/pools-file.js";
import { type Emulator, type StartOptions, startEmulator as start } from "./emulator.js";

export { clientEnvironment, type EnvironmentSource } from "./cli/client-environment.js";
export { ConfigError } from "./config/config-error.js";
export type { Emulator } from "./emulator.js";
export { RuntimeError } from "./runtime/runtime.js";

/**
 * A pool as the pools file has it, in ARM's property names. Only `name` and `containerType` are required, and `image`
 * and `targetPort` for a `CustomContainer`; what is left out has the default of the command line.
 */
export interface PoolInput {
  name: string;
  containerType: "PythonLTS" | "NodeLTS" | "Shell" | "CustomContainer";
  image?: string;
  /** Port that the program in the image listens on. */
  targetPort?: number;
  /** One more identifier is answered with 429. Default 20. */
  maxConcurrentSessions?: number;
  /** Instances that are kept started. Default 1; 0 makes a start of the emulator lighter. */
  readySessionInstances?: number;
  lifecycleType?: "Timed" | "OnContainerExit";
  /** From the end of a session's last request to the session's end. Default 300. */
  cooldownPeriodInSeconds?: number;
  maxAlivePeriodInSeconds?: number;
  /** Default `EgressDisabled`: sessions have no network. */
  sessionNetworkStatus?: "EgressDisabled" | "EgressEnabled";
  /** Cores, for example 0.5. */
  cpu?: number;
  /** For example `1Gi`. */
  memory?: string;
  command?: string[];
  args?: string[];
  env?: Record<string, string> | { name: string; value?: string; secretRef?: string }[];
  /** `probes`, `secrets` and the other properties of the pools file. */
  [property: string]: unknown;
}

/** What a program may set; the same names and defaults as the command line's, plus the pools. */
export type LibraryOptions = Partial<Omit<StartOptions, "pools">> & {
  /** Default: `python`, `node` and `shell`, as on the command line. */
  pools?: PoolInput[];
};

/**
 * Starts an emulator inside this process. Without options it has the pools `python`, `node` and `shell` and port
 * 4380; `port: 0` takes any free one, which is what tests that run side by side want. The log is silent unless
 * `logLevel` is set, environment variables are not read.
 *
 * ```ts
 * const emulator = await startEmulator({ port: 0, pools: [{ name: "python", containerType: "PythonLTS" }] });
 * Object.assign(process.env, clientEnvironment(emulator));
 * // … the code under test …
 * await emulator.close();
 * ```
 * @throws ConfigError that names each wrong option or pool property
 * @throws RuntimeError when there is no engine or a pool cannot start
 */
export async function startEmulator(options: LibraryOptions = {}): Promise<Emulator> {
  const { pools, onProgress, verifyPools, optionalPools, signal, logOutput, ...settings } = options;
  // Pools that nobody has asked for by name may be missing.
  const optional = optionalPools ?? (pools ? [] : defaultPools().map(({ name }) => name));
  const resolved = resolveOptions({ logLevel: "silent", logFormat: "json", ...settings }, {});
  return start({
    ...resolved,
    pools: pools ? parsePoolsFile(JSON.stringify({ pools }), "options").pools : defaultPools(),
    optionalPools: optional,
    ...(verifyPools !== undefined && { verifyPools }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
    ...(logOutput && { logOutput }),
  });
}
