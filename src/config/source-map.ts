import { isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";
import { ConfigError, type ConfigIssue, formatPath } from "./config-error.js";

/** A path into the file's data: keys and list positions. */
export type DataPath = readonly PropertyKey[];

/** The file's data, and where each part of it was written. */
export interface SourceFile {
  /** Maps, lists, texts and nulls. Every value is a text exactly as written, so that `1.10` stays `1.10`. */
  data: unknown;
  /** An issue at a path. `at: "key"` points to the key itself, for a key that should not be there. */
  issue(path: DataPath, message: string, fix: string, at?: "key" | "value"): ConfigIssue;
}

/**
 * Reads YAML (and so JSON) with positions.
 * @throws ConfigError with one issue for each syntax error
 */
export function parseSource(text: string, file: string): SourceFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };

  if (document.errors.length > 0) {
    throw new ConfigError(
      document.errors.map((error) => ({
        file,
        ...place(error.pos[0]),
        key: "",
        message: `not valid YAML: ${error.message.replace(/\.$/, "")}`,
        fix: "Check the indentation, quotes and colons here and on the line above.",
      })),
    );
  }
  visit(document, {
    Scalar: (_, node) => {
      if (node.value !== null && typeof node.value !== "string" && node.source !== undefined) {
        node.value = node.source;
      }
    },
  });

  const nodeAt = (path: DataPath): Node | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    return isNode(node) ? node : undefined;
  };
  const keyAt = (path: DataPath): Node | undefined => {
    const parent = nodeAt(path.slice(0, -1));
    if (!isMap(parent)) return undefined;
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(path.at(-1)));
    return isNode(pair?.key) ? pair.key : undefined;
  };
  const offsetOf = (path: DataPath, at: "key" | "value"): number => {
    const found = at === "key" ? (keyAt(path) ?? nodeAt(path)) : (nodeAt(path) ?? keyAt(path));
    if (found?.range) return found.range[0];
    return path.length === 0 ? 0 : offsetOf(path.slice(0, -1), "value");
  };

  let data: unknown;
  try {
    data = document.toJS();
  } catch (error) {
    // An alias with no anchor, or a bomb of aliases.
    const message = error instanceof Error ? error.message : String(error);
    const fix = "Write the values out instead of using * and &.";
    throw new ConfigError([{ file, line: 1, column: 1, key: "", message, fix }], { cause: error });
  }

  return {
    data,
    issue: (path, message, fix, at = "value") => ({
      file,
      ...place(offsetOf(path, at)),
      key: formatPath(path),
      message,
      fix,
    }),
  };
}
