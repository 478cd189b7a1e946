import type { z } from "zod";
import { ConfigError, type ConfigIssue } from "./config-error.js";
import type { PoolConfig } from "./pool-config.js";
import { allowedKeys, armKeys, fileSchema, poolSchema, type WrittenSecret } from "./pools-schema.js";
import { resolveEnv } from "./resolve-env.js";
import { type Report, resolvePool } from "./resolve-pool.js";
import { type DataPath, parseSource, type SourceFile } from "./source-map.js";
import { correction } from "./suggest.js";
import { show } from "./values.js";

const onePool = "- { name: python, containerType: PythonLTS }";

/** The pools of a file, and what in it works here but would not on Azure. */
export interface ParsedPools {
  pools: PoolConfig[];
  warnings: ConfigIssue[];
}

/**
 * Reads the pools file (YAML or JSON).
 * @param fileName as the user named it, for the messages
 * @throws ConfigError with every issue found, each with line, column and key
 */
export function parsePoolsFile(text: string, fileName: string): ParsedPools {
  const source = parseSource(text, fileName);
  if (source.data === null || source.data === undefined) {
    throw new ConfigError([source.issue([], "the file is empty", `Write pools: and below it ${onePool}.`)]);
  }
  const file = fileSchema.safeParse(withoutNulls(source.data));
  if (!file.success) throw new ConfigError(translate(file.error, [], source));

  const errors: ConfigIssue[] = [];
  const warnings: ConfigIssue[] = [];
  const shared = file.data.secrets ?? [];
  checkSecrets(shared, ["secrets"], source, errors);

  const pools = file.data.pools.flatMap((written, index) => {
    const path = ["pools", index];
    const report: Report = (severity, inner, message, fix) => {
      (severity === "error" ? errors : warnings).push(source.issue([...path, ...inner], message, fix));
    };
    const reject = (inner: DataPath) => (error: z.ZodError) => {
      errors.push(...translate(error, [...path, ...inner], source));
    };
    const pool = poolSchema.safeParse(written);
    if (!pool.success) {
      reject([])(pool.error);
      return [];
    }
    const own = pool.data.secrets ?? [];
    checkSecrets(own, [...path, "secrets"], source, errors);
    const secrets = new Map([...shared, ...own].map(({ name, value }) => [name, value]));
    return [resolvePool(pool.data, resolveEnv(pool.data.env, secrets, report, reject(["env"])), report)];
  });

  errors.push(...repeatedNames(file.data.pools, source));
  if (errors.length > 0) throw new ConfigError(errors.sort(byPlace));
  return { pools, warnings: warnings.sort(byPlace) };
}

/** zod's issues in the words of the file. */
function translate(error: z.ZodError, base: DataPath, source: SourceFile): ConfigIssue[] {
  return error.issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) =>
          source.issue([...path, key], "unknown key", unknownKeyFix(key, path), "key"),
        );
      case "invalid_type":
        return [source.issue(path, ...wrongKind(issue.expected, valueAt(source.data, path)))];
      case "invalid_key":
        // The inner issue is what the key's own rule said.
        return [
          source.issue(path, `${show(path.at(-1))} is no variable name`, fixOf(issue.issues[0]), "key"),
        ];
      case "too_small":
        return [source.issue(path, "is empty", `Name at least one, for example ${onePool}.`)];
      default:
        return [source.issue(path, issue.message, fixOf(issue))];
    }
  });
}

function wrongKind(expected: string, found: unknown): [message: string, fix: string] {
  const missing = found === undefined || found === null;
  const fix = expected === "array" ? "Write a list: entries that begin with -." : "Write a map: key: value.";
  return [missing ? "is missing" : `${show(found)} cannot stand here`, fix];
}

function fixOf(issue: unknown): string {
  const params = typeof issue === "object" && issue !== null && "params" in issue ? issue.params : undefined;
  const fix = typeof params === "object" && params !== null && "fix" in params ? params.fix : undefined;
  return typeof fix === "string" ? fix : "Correct the value.";
}

function unknownKeyFix(key: string, parent: DataPath): string {
  const holder = parent.findLast((part) => typeof part === "string");
  const allowed = allowedKeys[String(holder ?? "")] ?? [];
  return armKeys[key] ?? correction(key, allowed);
}

function checkSecrets(
  secrets: WrittenSecret[],
  path: DataPath,
  source: SourceFile,
  errors: ConfigIssue[],
): void {
  secrets.forEach(({ name }, index) => {
    if (secrets.findIndex((other) => other.name === name) < index) {
      errors.push(source.issue([...path, index, "name"], `"${name}" is there twice`, "Keep one of the two."));
    }
  });
}

/** Over the pools as written, so that a repeated name is found also when one of the two has other errors. */
function repeatedNames(pools: unknown[], source: SourceFile): ConfigIssue[] {
  const names = pools.map((pool) => valueAt(pool, ["name"]));
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    if (name === undefined || first === index) return [];
    const message = `"${String(name)}" is the name of pools[${first}] already`;
    return [source.issue(["pools", index, "name"], message, "Give each pool a name of its own.")];
  });
}

function valueAt(data: unknown, path: DataPath): unknown {
  return path.reduce<unknown>((value, part) => {
    return typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined;
  }, data);
}

/** An explicit null counts as absent, as in ARM (api-reference 12.4); in `env` it is kept, to be warned about. */
function withoutNulls(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNulls(item));
  if (typeof value !== "object" || value === null || key === "env-map") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([name, item]) => [
        name,
        withoutNulls(item, name === "env" && !Array.isArray(item) ? "env-map" : name),
      ]),
  );
}

function byPlace(a: ConfigIssue, b: ConfigIssue): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}
