import { type ParserOptions, parse } from "@babel/parser";

/** A node of the syntax tree, as far as this folder looks at it. */
export interface Node {
  type: string;
  start: number;
  end: number;
  [member: string]: unknown;
}

/** Code that is no JavaScript or TypeScript. */
export class CellSyntaxError extends Error {
  override readonly name = "SyntaxError";
}

const common: ParserOptions = {
  sourceType: "script",
  allowAwaitOutsideFunction: true,
  allowImportExportEverywhere: true,
  allowUndeclaredExports: true,
  createImportExpressions: true,
  attachComment: false,
};

/** The program that code is, and whether it needs its types removed. */
export interface Parsed {
  program: Node;
  isTyped: boolean;
}

/**
 * Parses code as JavaScript, or else as TypeScript.
 * @throws CellSyntaxError with the place, in the words of the second try
 */
export function parseCell(code: string): Parsed {
  const plain = tryParse(code, common);
  if (!(plain instanceof Error)) return { program: plain, isTyped: false };
  const typed = tryParse(code, { ...common, plugins: ["typescript"] });
  if (!(typed instanceof Error)) return { program: typed, isTyped: true };
  throw new CellSyntaxError(withPlace(typed, code));
}

function tryParse(code: string, options: ParserOptions): Node | Error {
  try {
    return parse(code, options).program as unknown as Node;
  } catch (error) {
    return error as Error;
  }
}

function withPlace(error: Error, code: string): string {
  const { loc } = error as { loc?: { line: number; column: number } };
  const words = error.message.replace(/\s*\(\d+:\d+\)$/, "");
  const text = loc && code.split("\n")[loc.line - 1];
  if (loc === undefined || text === undefined) return words;
  return `${words} (line ${loc.line}, column ${loc.column + 1})\n  ${text}\n  ${" ".repeat(loc.column)}^`;
}

/** The nodes directly below a node, in the order of its members. */
export function childrenOf(node: Node): Node[] {
  const found: Node[] = [];
  for (const [name, member] of Object.entries(node)) {
    if (name === "loc" || name === "extra" || name === "errors") continue;
    for (const value of Array.isArray(member) ? member : [member]) if (isNode(value)) found.push(value);
  }
  return found;
}

/** A member that is a node. */
export function nodeAt(node: Node, member: string): Node | undefined {
  const value = node[member];
  return isNode(value) ? value : undefined;
}

/** A member that is a list of nodes; holes are left out. */
export function nodesAt(node: Node, member: string): Node[] {
  const value = node[member];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string";
}

/** Visits a node and all below it; `enter` says whether to go deeper. */
export function walk(node: Node, enter: (node: Node, parent: Node | undefined) => boolean): void {
  const visit = (current: Node, parent: Node | undefined): void => {
    if (enter(current, parent)) for (const child of childrenOf(current)) visit(child, current);
  };
  visit(node, undefined);
}
