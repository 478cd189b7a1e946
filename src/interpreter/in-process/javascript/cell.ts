import { Edits } from "./edits.js";
import { stripTypes } from "./strip-types.js";
import { type Node, nodeAt, nodesAt, type Parsed, parseCell, walk } from "./syntax-tree.js";

/** Names that the rewritten code calls; the kernel defines them. */
export const CELL_GLOBALS = { require: "__cellRequire", import: "__cellImport" } as const;

/** Code of one run, as it can be given to the engine. */
export interface Cell {
  code: string;
  /** True: its value is a promise of `{ value }` or of nothing. False: its value is the run's. */
  isAsync: boolean;
}

const FUNCTIONS = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
  "ObjectMethod",
  "ClassMethod",
  "ClassPrivateMethod",
  "ClassProperty",
  "ClassPrivateProperty",
  "StaticBlock",
]);

/**
 * Rewrites code so that runs can follow each other: what it declares at the top becomes a global variable and may be
 * declared again, imports become calls, types go, and `await` at the top works.
 * @throws CellSyntaxError
 */
export function rewriteCell(source: string): Cell {
  const { text, parsed } = parseWithObjects(source);
  const { program, isTyped } = parsed;
  const edits = new Edits(text);
  if (isTyped) stripTypes(program, text, edits);
  const isAsync = awaitsAtTop(program);
  rewriteImportCalls(program, edits);
  const names = new Set<string>();
  const functions: string[] = [];
  const statements = nodesAt(program, "body")
    .map((node) => exported(node, edits))
    .filter((node) => node !== undefined);
  for (const node of statements) declareGlobally({ node, text, edits, isAsync, names, functions });
  if (!isAsync) return { code: edits.toString(), isAsync };

  const last = statements.at(-1);
  const value = last?.type === "ExpressionStatement" ? nodeAt(last, "expression") : undefined;
  if (last && value) {
    edits.insert(last.start, "return { value: (");
    edits.replace(valueEnd(last, text), last.end, ") };");
  }
  const declared = names.size > 0 ? `var ${[...names].join(", ")};` : "";
  const shared = functions.map((name) => `globalThis.${name} = ${name};`).join(" ");
  return { code: `${declared}(async () => { ${shared}${edits}\n})()`, isAsync };
}

/** Behind an expression statement's expression, its parentheses included. */
function valueEnd(statement: Node, text: string): number {
  const written = text.slice(statement.start, statement.end);
  return written.endsWith(";") ? statement.end - 1 : statement.end;
}

/** As in a console, `{ a: 1 }` alone is an object and no block (Deno's kernel). */
function parseWithObjects(source: string): { text: string; parsed: Parsed } {
  if (/^\s*\{/.test(source) && !/;\s*$/.test(source)) {
    try {
      const text = `(${source})`;
      return { text, parsed: parseCell(text) };
    } catch {
      // It is a block after all.
    }
  }
  return { text: source, parsed: parseCell(source) };
}

function awaitsAtTop(program: Node): boolean {
  let found = false;
  walk(program, (node) => {
    found ||= node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await === true);
    return !found && !FUNCTIONS.has(node.type);
  });
  return found;
}

function rewriteImportCalls(program: Node, edits: Edits): void {
  walk(program, (node) => {
    if (node.type === "ImportExpression")
      edits.replace(node.start, node.start + "import".length, CELL_GLOBALS.import);
    return true;
  });
}

/** The declaration or expression behind `export`, which has no meaning in a session; undefined for a mere list. */
function exported(node: Node, edits: Edits): Node | undefined {
  if (!node.type.startsWith("Export")) return node;
  const inner = nodeAt(node, "declaration");
  edits.blank(node.start, inner?.start ?? node.end);
  return inner;
}

interface Declaring {
  node: Node;
  text: string;
  edits: Edits;
  isAsync: boolean;
  names: Set<string>;
  functions: string[];
}

function declareGlobally({ node, text, edits, isAsync, names, functions }: Declaring): void {
  const name = String(nodeAt(node, "id")?.name ?? "");
  if (node.declare === true) return;
  switch (node.type) {
    case "VariableDeclaration":
      if (isAsync) assign(node, edits, names);
      else asVar(node, edits);
      break;
    case "ClassDeclaration":
      if (name === "") break;
      names.add(name);
      edits.insert(node.start, isAsync ? `${name} = ` : `var ${name} = `);
      edits.insert(node.end, ";");
      break;
    case "FunctionDeclaration":
      if (name === "" || !isAsync) break;
      names.add(name);
      functions.push(name);
      break;
    case "TSEnumDeclaration":
      if (isAsync) edits.insert(node.end, ` globalThis.${name} = ${name};`);
      break;
    case "ImportDeclaration":
      if (node.importKind !== "type")
        edits.replace(node.start, node.end, importCall(node, text, isAsync, names));
      break;
  }
}

/** `const a = 1, b` becomes `var   a = 1, b = void 0`: a second run may declare it again. */
function asVar(node: Node, edits: Edits): void {
  const kind = String(node.kind);
  if (kind !== "let" && kind !== "const") return;
  edits.replace(node.start, node.start + kind.length, "var".padEnd(kind.length));
  for (const declarator of nodesAt(node, "declarations")) {
    if (!nodeAt(declarator, "init")) edits.insert(declarator.end, " = void 0");
  }
}

/** The same inside a function: assignments to global variables. */
function assign(node: Node, edits: Edits, names: Set<string>): void {
  const kind = String(node.kind);
  edits.replace(node.start, node.start + kind.length, ";void (");
  const declarators = nodesAt(node, "declarations");
  for (const declarator of declarators) {
    const id = nodeAt(declarator, "id");
    if (id) for (const name of boundNames(id)) names.add(name);
    edits.insert(declarator.start, "(");
    edits.insert(declarator.end, nodeAt(declarator, "init") ? ")" : kind === "var" ? ")" : " = void 0)");
  }
  edits.insert(declarators.at(-1)?.end ?? node.end, ");");
}

function boundNames(pattern: Node): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [String(pattern.name)];
    case "ObjectPattern":
      return nodesAt(pattern, "properties").flatMap((property) =>
        boundNames(nodeAt(property, "value") ?? nodeAt(property, "argument") ?? property),
      );
    case "ArrayPattern":
      return nodesAt(pattern, "elements").flatMap(boundNames);
    case "AssignmentPattern":
      return [nodeAt(pattern, "left")].flatMap((left) => (left ? boundNames(left) : []));
    case "RestElement":
      return [nodeAt(pattern, "argument")].flatMap((rest) => (rest ? boundNames(rest) : []));
    default:
      return [];
  }
}

/** `import d, { a as b } from "m"` as variables that hold what the module exports. */
function importCall(node: Node, text: string, isAsync: boolean, names: Set<string>): string {
  const source = nodeAt(node, "source");
  const call = `${CELL_GLOBALS.require}(${source ? text.slice(source.start, source.end) : '""'})`;
  const members: string[] = [];
  const assignments: string[] = [];
  for (const specifier of nodesAt(node, "specifiers")) {
    if (specifier.importKind === "type") continue;
    const local = String(nodeAt(specifier, "local")?.name);
    names.add(local);
    const imported = nodeAt(specifier, "imported");
    if (specifier.type === "ImportNamespaceSpecifier") assignments.push(`${local} = ${call}`);
    else
      members.push(`${JSON.stringify(imported ? (imported.name ?? imported.value) : "default")}: ${local}`);
  }
  if (members.length > 0) assignments.push(`{ ${members.join(", ")} } = ${call}`);
  if (assignments.length === 0) return `${call};`;
  const breaks = "\n".repeat(text.slice(node.start, node.end).split("\n").length - 1);
  const code = isAsync
    ? `;void (${assignments.map((one) => `(${one})`).join(", ")});`
    : `var ${assignments.join(", ")};`;
  return code + breaks;
}
