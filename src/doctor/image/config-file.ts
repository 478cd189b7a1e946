import { ConfigError, configWithoutFile, parseConfig } from "../../interpreter/config/parse.js";
import type { InterpreterFile } from "../../interpreter/config/schema.js";
import type { ImageFacts } from "./facts.js";

/** Where images keep it unless `CODE_INTERPRETER_CONFIG_FILE_PATH` says otherwise (byoc 2.1). */
export const USUAL_CONFIG = "/app/codeInterpreterConf.yaml";

/** The interpreter's configuration as the image has it. */
export type ReadConfig =
  /** `settings` are the defaults. */
  | { kind: "absent"; settings: InterpreterFile }
  | { kind: "read"; settings: InterpreterFile; warnings: string[] }
  | { kind: "wrong"; settings: InterpreterFile; mistakes: string[] };

/** Reads the image's configuration file with the interpreter's own parser. */
export function readConfig({ configPath, configText }: ImageFacts): ReadConfig {
  const settings = configWithoutFile();
  if (configText === undefined) return { kind: "absent", settings };
  try {
    const { file, warnings } = parseConfig(configText, configPath);
    return { kind: "read", settings: file, warnings };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { kind: "wrong", settings, mistakes: error.message.split("\n") };
  }
}
