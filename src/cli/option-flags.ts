import { Option } from "commander";
import { flagOf, type OptionName, optionDefinitions, variableOf } from "../config/options.js";

/**
 * The emulator's settings as commander's options. Values stay as typed: reading, defaults and environment are
 * decided in config/options.ts alone. A switch also has a hidden `--no-…`, to undo its environment variable.
 * @param names those to make; all unless given
 */
export function optionFlags(...names: OptionName[]): Option[] {
  return Object.entries(optionDefinitions).flatMap(([name, { argument, defaultValue, description }]) => {
    if (names.length > 0 && !names.some((wanted) => wanted === name)) return [];
    const shownDefault =
      argument === undefined || defaultValue === undefined ? "" : ` (default: ${defaultValue})`;
    const flag = new Option(
      [flagOf(name), argument].filter((part) => part !== undefined).join(" "),
      `${description}${shownDefault} [${variableOf(name)}]`,
    );
    if (argument !== undefined) return [flag];
    return [flag, new Option(flagOf(name).replace("--", "--no-")).hideHelp()];
  });
}
