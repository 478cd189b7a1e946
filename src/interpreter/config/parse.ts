import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type * as z from "zod";
import { adviceOn } from "./advice.js";
import { configSchema, type InterpreterFile, NO_FILE, REQUIRED_BY_VENDOR } from "./schema.js";

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** A configuration that cannot be used. The message names file, line and key of every mistake. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** A parsed file and what its author should know about it. */
export interface ParsedConfig {
  file: InterpreterFile;
  warnings: string[];
}

/** The configuration that holds without a file. */
export function configWithoutFile(): InterpreterFile {
  return configSchema.parse(NO_FILE);
}

/**
 * Reads `codeInterpreterConf.yaml` (byoc 2.3). An unknown key is a warning, a wrong value an error.
 *
 * @param fileName used in messages only
 * @throws ConfigError listing every wrong value with its line
 */
export function parseConfig(source: string, fileName: string): ParsedConfig {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines });
  const syntax = document.errors[0];
  if (syntax !== undefined) {
    const line = syntax.linePos?.[0].line ?? 1;
    throw new ConfigError(`${fileName}:${line}: not valid YAML: ${syntax.message.split("\n")[0]}`);
  }
  const where = (path: Path) => `${fileName}:${lineOf(document, lines, path)}`;
  const data = contentOf(document, fileName);
  const unknown: string[] = [];
  const wrong: string[] = [];
  for (const issue of configSchema.safeParse(data).error?.issues ?? []) {
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) {
        const path = [...issue.path, key];
        unknown.push(`${where(path)}: unknown key '${path.join(".")}' is ignored.`);
        remove(data, path);
      }
    } else {
      wrong.push(`${where(issue.path)}: ${describe(issue, document)}`);
    }
  }
  if (wrong.length > 0) throw new ConfigError(wrong.join("\n"));
  const missing = REQUIRED_BY_VENDOR.filter((path) => document.getIn(path) === undefined).map(
    (path) => `${where(path)}: '${path.join(".")}' is missing; the vendor's image requires it.`,
  );
  const file = configSchema.parse(data);
  const advice = adviceOn(file).map(({ path, text }) => `${where(path)}: '${path.join(".")}' ${text}`);
  return { file, warnings: [...unknown, ...missing, ...advice] };
}

function contentOf(document: Document, fileName: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    // Aliases are resolved only here.
    throw new ConfigError(`${fileName}:1: not valid YAML: ${(error as Error).message}`);
  }
}

function describe(issue: Issue, document: Document): string {
  const key = `'${issue.path.join(".")}'`;
  const isMissing = document.getIn(issue.path) === undefined;
  return isMissing ? `${key} is missing.` : `${key} is wrong: ${issue.message}.`;
}

/** Line of the key at `path`, or of the deepest parent that exists. Lines count from 1. */
function lineOf(document: Document, lines: LineCounter, path: Path): number {
  let line = 1;
  let node: unknown = document.contents;
  for (const step of path) {
    if (!isMap(node)) break;
    const pair = node.items.find((item) => isScalar(item.key) && item.key.value === step);
    if (pair === undefined) break;
    if (isNode(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line;
    node = pair.value;
  }
  return line;
}

function remove(data: unknown, path: Path): void {
  let parent = data as Record<PropertyKey, unknown>;
  for (const step of path.slice(0, -1)) parent = parent[step] as Record<PropertyKey, unknown>;
  delete parent[path[path.length - 1] as PropertyKey];
}
