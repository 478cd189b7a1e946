import { readFileSync } from "node:fs";
import { ConfigError, configWithoutFile, parseConfig } from "./parse.js";
import type { InterpreterFile } from "./schema.js";

/** Which body shapes to answer with: by the request's api-version, or one generation for everything. */
export type DialectSetting = "auto" | "2024" | "2026";

/** Everything the interpreter needs to know, from the YAML file and the environment. */
export interface Settings {
  file: InterpreterFile;
  warnings: string[];
  port: number;
  /** Kernelspec name; `undefined` in shell mode (`spec.kernel.enabled: false`). */
  kernelName: string | undefined;
  /**
   * What asynchronous runs do: refused, queued on the one kernel, run on a kernel of their own, or run in a
   * thread of the one kernel (JEP 91), where it has them.
   */
  asynchronous: "off" | "queued" | "separate" | "subshell";
  /** Seconds a run may take when the request does not say. */
  defaultTimeoutSeconds: number;
  jupyter: { socketPath: string; token: string };
  /** Longest message, in bytes, that the Jupyter server takes. Longer code goes through a file. */
  maxMessageBytes: number;
  dialect: DialectSetting;
  /** Keep colour codes in `result.stderr`. */
  keepAnsi: boolean;
}

const DEFAULT_FILE = "/app/codeInterpreterConf.yaml";
/** Tornado's limit is 10 MiB; the rest of the message needs room too (byoc 7.2). */
const DEFAULT_MAX_MESSAGE_BYTES = 9 * 1024 * 1024;

/**
 * Reads the environment and the file it names.
 *
 * @throws ConfigError with file, key and line, or naming the environment variable that is wrong
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const { file, warnings } = readFile(env.CODE_INTERPRETER_CONFIG_FILE_PATH);
  const shell = !file.spec.kernel.enabled;
  return {
    file,
    warnings,
    port: file.spec.kernel.port ?? (shell ? 6003 : 6000),
    kernelName: shell ? undefined : kernelName(file.spec.kernel.name, env.CODE_INTERPRETER_KERNEL_NAME),
    asynchronous: asynchronousMode(file, env),
    defaultTimeoutSeconds: file.spec.codeExecution.defaultTimeoutSeconds ?? (shell ? 180 : 120),
    jupyter: {
      socketPath: env.JUPYTER_SOCKET || "/run/jupyter/jupyter.sock",
      token: env.JUPYTER_TOKEN ?? "",
    },
    maxMessageBytes: numberVariable("JUPYTER_MAX_MESSAGE_BYTES", env, DEFAULT_MAX_MESSAGE_BYTES),
    dialect: dialect(env.CODE_INTERPRETER_DIALECT),
    keepAnsi: isTruthy("CODE_INTERPRETER_KEEP_ANSI", env.CODE_INTERPRETER_KEEP_ANSI) ?? false,
  };
}

function readFile(path: string | undefined): { file: InterpreterFile; warnings: string[] } {
  let source: string;
  try {
    source = readFileSync(path || DEFAULT_FILE, "utf8");
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (!path && missing) return { file: configWithoutFile(), warnings: [] };
    throw new ConfigError(
      `Cannot read ${path || DEFAULT_FILE}: ${(error as Error).message}. ` +
        "CODE_INTERPRETER_CONFIG_FILE_PATH must name a readable file.",
    );
  }
  return parseConfig(source, path || DEFAULT_FILE);
}

function kernelName(inFile: string | undefined, inEnv: string | undefined): string {
  if (inFile && inEnv && inFile !== inEnv) {
    throw new ConfigError(
      `'spec.kernel.name' is '${inFile}' but CODE_INTERPRETER_KERNEL_NAME is '${inEnv}'. Make them equal.`,
    );
  }
  return inEnv || inFile || "python3";
}

/**
 * `ENABLE_ASYNC_EXECUTION` decides over `kernelInit.asynchronous.enabled`; both ask for a second kernel. Where
 * asynchronous runs are allowed, `CODE_INTERPRETER_ASYNC` (`queue`, `kernel` or `subshell`) says how they run.
 */
function asynchronousMode(file: InterpreterFile, env: NodeJS.ProcessEnv): Settings["asynchronous"] {
  const { kernelInit, isAsynchronousExecutionSupported } = file.spec.kernel;
  const wanted = isTruthy("ENABLE_ASYNC_EXECUTION", env.ENABLE_ASYNC_EXECUTION);
  const chosen = asynchronousPlace(env.CODE_INTERPRETER_ASYNC);
  if (wanted ?? kernelInit.asynchronous?.enabled) return chosen ?? "separate";
  if (wanted === false || !isAsynchronousExecutionSupported) return "off";
  return chosen ?? "queued";
}

function asynchronousPlace(value: string | undefined): "queued" | "separate" | "subshell" | undefined {
  switch (value ?? "") {
    case "":
      return undefined;
    case "queue":
      return "queued";
    case "kernel":
      return "separate";
    case "subshell":
      return "subshell";
    default:
      throw new ConfigError(`CODE_INTERPRETER_ASYNC is '${value}'. Use queue, kernel or subshell.`);
  }
}

function isTruthy(name: string, value: string | undefined): boolean | undefined {
  if (value === undefined || value.trim() === "") return undefined;
  if (/^(true|yes|y|1|on)$/i.test(value.trim())) return true;
  if (/^(false|no|n|0|off)$/i.test(value.trim())) return false;
  throw new ConfigError(`${name} is '${value}'. Use true or false.`);
}

function numberVariable(name: string, env: NodeJS.ProcessEnv, fallback: number): number {
  const value = env[name];
  if (value === undefined || value === "") return fallback;
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0) {
    throw new ConfigError(`${name} is '${value}'. Use a positive whole number of bytes.`);
  }
  return number;
}

function dialect(value: string | undefined): DialectSetting {
  const setting = value || "auto";
  if (setting === "auto" || setting === "2024" || setting === "2026") return setting;
  throw new ConfigError(`CODE_INTERPRETER_DIALECT is '${value}'. Use auto, 2024 or 2026.`);
}
