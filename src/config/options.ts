import type { z } from "zod";
import { ConfigError, type ConfigIssue } from "./config-error.js";
import { boolean, integer, oneOf, positiveNumber, text } from "./values.js";

/** One setting of the command line: how it is read and how `--help` shows it. */
interface OptionDefinition<S extends z.ZodType = z.ZodType> {
  schema: S;
  /** Absent: the option has no value unless given. */
  defaultValue?: z.output<S>;
  /** What `--help` puts after the flag; absent for a switch. */
  argument?: string;
  description: string;
}

function define<S extends z.ZodType>(definition: OptionDefinition<S>): OptionDefinition<S> {
  return definition;
}

/**
 * Every setting of the emulator, once. The flag (`--target-port`) and the environment variable
 * (`DSE_TARGET_PORT`) follow from the name.
 */
export const optionDefinitions = {
  host: define({
    schema: text("Write an address of this machine, for example 127.0.0.1.", /^[\w.:[\]-]+$/),
    defaultValue: "127.0.0.1",
    argument: "<address>",
    description: "address to listen on",
  }),
  port: define({
    schema: integer(0, 65535, "; 0 takes any free port"),
    defaultValue: 4380,
    argument: "<number>",
    description: "port to listen on, 0 for any free one",
  }),
  config: define({
    schema: text("Write the path of a pools file."),
    argument: "<file>",
    description: "pools file (default: pools.yaml in the working directory when there is one)",
  }),
  image: define({
    schema: text("Write an image reference without spaces, for example my-byoc:dev.", /^\S+$/),
    argument: "<reference>",
    description: "adds a CustomContainer pool `custom` that runs this image",
  }),
  targetPort: define({
    schema: integer(1, 65535),
    argument: "<number>",
    description: "port that the program in --image listens on (default: 6000)",
  }),
  runtime: define({
    schema: oneOf(["auto", "docker", "embedded"]),
    defaultValue: "auto",
    argument: "<kind>",
    description: "auto, docker or embedded; auto takes docker when an engine answers",
  }),
  dockerHost: define({
    schema: text(
      "Write an engine's address, for example unix:///var/run/docker.sock or tcp://host:2375.",
      /:\/\/./,
    ),
    argument: "<url>",
    description: "Docker engine to use (default: DOCKER_HOST, else the local sockets)",
  }),
  reach: define({
    schema: oneOf(["auto", "socket", "gate"]),
    defaultValue: "auto",
    argument: "<way>",
    description: "how sessions are reached: auto, socket (shared with the engine's host) or gate",
  }),
  wheels: define({
    schema: text("Write the path of a folder that holds wheels (*.whl)."),
    argument: "<folder>",
    description: "Python packages that sessions of the embedded runtime can import",
  }),
  auth: define({
    schema: oneOf(["lenient", "strict"]),
    defaultValue: "lenient",
    argument: "<mode>",
    description: "lenient takes any or no token, strict checks it",
  }),
  strict: define({
    schema: boolean(),
    defaultValue: false,
    description: "refuse unknown api-versions as Azure does",
  }),
  stateDir: define({
    schema: text("Write the path of a folder."),
    argument: "<folder>",
    description: "folder for what must survive a restart",
  }),
  keepContainers: define({
    schema: boolean(),
    defaultValue: false,
    description: "leave the sessions' containers running on exit",
  }),
  startupTimeoutSeconds: define({
    schema: positiveNumber("60"),
    defaultValue: 60,
    argument: "<seconds>",
    description: "how long a session may take to become ready",
  }),
  logFormat: define({
    schema: oneOf(["auto", "pretty", "json"]),
    defaultValue: "auto",
    argument: "<format>",
    description: "auto (pretty on a terminal, else json), pretty or json",
  }),
  logLevel: define({
    schema: oneOf(["trace", "debug", "info", "warn", "error", "silent"]),
    defaultValue: "info",
    argument: "<level>",
    description: "trace, debug, info, warn, error or silent",
  }),
} as const;

type Definitions = typeof optionDefinitions;
/** A setting by the name that the code uses. */
export type OptionName = keyof Definitions;
type ValueOf<K extends OptionName> = z.output<Definitions[K]["schema"]>;
/** Options that have no value unless the user gives one. */
type BareOption = "config" | "image" | "targetPort" | "dockerHost" | "wheels" | "stateDir";

/** The command line's settings after validation, defaults filled in. */
export type EmulatorOptions = { [K in Exclude<OptionName, BareOption>]: ValueOf<K> } & {
  [K in BareOption]?: ValueOf<K>;
};

/** `targetPort` → `--target-port`. */
export function flagOf(name: string): string {
  return `--${hyphenated(name)}`;
}

/** `targetPort` → `DSE_TARGET_PORT`. */
export function variableOf(name: string): string {
  return `DSE_${hyphenated(name).replaceAll("-", "_").toUpperCase()}`;
}

function hyphenated(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/**
 * Flag before environment variable before default. An empty variable counts as absent.
 * @param flags values by option name, as typed
 * @throws ConfigError that names each wrong flag or variable
 */
export function resolveOptions(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): EmulatorOptions {
  const issues: ConfigIssue[] = [];
  const read = <K extends OptionName>(name: K): ValueOf<K> | undefined => {
    const definition: OptionDefinition = optionDefinitions[name];
    const fromEnvironment = environment[variableOf(name)] || undefined;
    const written = flags[name] ?? fromEnvironment;
    if (written === undefined) return definition.defaultValue as ValueOf<K> | undefined;
    const result = definition.schema.safeParse(written);
    if (result.success) return result.data as ValueOf<K>;
    const key = flags[name] === undefined ? variableOf(name) : flagOf(name);
    for (const issue of result.error.issues) {
      const fix = issue.code === "custom" ? String(issue.params?.fix ?? "") : "";
      issues.push({ key, message: issue.message, fix });
    }
    return undefined;
  };

  const options = Object.fromEntries(
    (Object.keys(optionDefinitions) as OptionName[])
      .map((name) => [name, read(name)] as const)
      .filter(([, value]) => value !== undefined),
  ) as EmulatorOptions;
  if (options.targetPort !== undefined && options.image === undefined && issues.length === 0) {
    const key = flags.targetPort === undefined ? variableOf("targetPort") : flagOf("targetPort");
    const fix = "Add --image, or write targetPort in the pools file.";
    issues.push({ key, message: "has no image to belong to", fix });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  return options;
}
