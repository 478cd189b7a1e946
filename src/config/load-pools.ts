import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ConfigError } from "./config-error.js";
import { customPool, defaultPools } from "./defaults.js";
import { type ParsedPools, parsePoolsFile } from "./pools-file.js";

/** Where the pools come from. */
export interface PoolSources {
  /** Path of the pools file, relative to the working directory. */
  config?: string;
  /** Image of one more custom pool, named `custom`. */
  image?: string;
  /** Port of that image's program. */
  targetPort?: number;
}

/** The pools and the file they were read from, if any. */
export interface LoadedPools extends ParsedPools {
  file?: string;
}

/** The file that is taken without being named. */
const usualFile = "pools.yaml";

/**
 * The pools of `config`, else of `pools.yaml` in the working directory, else the built-in ones; `image` adds one.
 * @throws ConfigError when the file cannot be read or used
 */
export async function loadPools(sources: PoolSources, workingDirectory: string): Promise<LoadedPools> {
  const loaded = await fromFile(sources.config, workingDirectory);
  if (sources.image === undefined) return loaded;
  const added = customPool({ image: sources.image, targetPort: sources.targetPort });
  if (loaded.pools.some(({ name }) => name === added.name)) {
    const message = `the pool "${added.name}" is in ${loaded.file ?? "the defaults"} already`;
    throw new ConfigError([{ key: "--image", message, fix: "Give the pool in the file another name." }]);
  }
  return { ...loaded, pools: [...loaded.pools, added] };
}

async function fromFile(config: string | undefined, workingDirectory: string): Promise<LoadedPools> {
  const file = config ?? usualFile;
  let content: string;
  try {
    content = await readFile(resolve(workingDirectory, file), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (config === undefined && code === "ENOENT") return { pools: defaultPools(), warnings: [] };
    throw unreadable(file, code, workingDirectory, error);
  }
  return { ...parsePoolsFile(content, file), file };
}

function unreadable(file: string, code: string, workingDirectory: string, cause: unknown): ConfigError {
  const reasons: Record<string, string> = {
    ENOENT: "there is no such file",
    EISDIR: "it is a folder",
    EACCES: "it may not be read",
  };
  const message = `the pools file cannot be read, ${reasons[code] ?? (code || String(cause))}`;
  const fix = `Give --config the path of a readable file; paths count from ${workingDirectory}.`;
  return new ConfigError([{ file, key: "", message, fix }], { cause });
}
