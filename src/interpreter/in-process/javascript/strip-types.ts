import type { Edits } from "./edits.js";
import { CellSyntaxError, type Node, nodeAt, nodesAt, walk } from "./syntax-tree.js";

/** Whole nodes that mean nothing at run time. */
const ERASED = new Set([
  "TSTypeAnnotation",
  "TSTypeParameterDeclaration",
  "TSTypeParameterInstantiation",
  "TSIndexSignature",
  "TSDeclareMethod",
]);
/** Statements that mean nothing at run time; an empty statement takes their place. */
const ERASED_STATEMENTS = new Set([
  "TSInterfaceDeclaration",
  "TSTypeAliasDeclaration",
  "TSDeclareFunction",
  "TSExportAssignment",
  "TSNamespaceExportDeclaration",
]);
/** What would have to be translated and not only taken away. */
const UNSUPPORTED: Record<string, string> = {
  TSModuleDeclaration: "namespace",
  TSImportEqualsDeclaration: "import … = …",
};
const MODIFIERS = /^(?:(?:public|private|protected|readonly|abstract|override|declare)\s+)+/;
const WITH_MODIFIERS = new Set([
  "ClassProperty",
  "ClassMethod",
  "ClassPrivateProperty",
  "ClassAccessorProperty",
]);

/**
 * Takes TypeScript's types out of code; everything else keeps its line and column.
 * @throws CellSyntaxError for what is more than a type (namespaces)
 */
export function stripTypes(program: Node, source: string, edits: Edits): void {
  walk(program, (node) => {
    const unsupported = UNSUPPORTED[node.type];
    if (unsupported !== undefined && node.declare !== true) {
      throw new CellSyntaxError(
        `TypeScript's '${unsupported}' cannot be run here; write it in plain JavaScript`,
      );
    }
    if (node.declare === true && node.type !== "ClassProperty") return eraseStatement(node, edits);
    if (ERASED_STATEMENTS.has(node.type)) return eraseStatement(node, edits);
    if (ERASED.has(node.type) || (node.declare === true && node.type === "ClassProperty")) {
      edits.blank(node.start, node.end);
      return false;
    }
    stripWithin(node, source, edits);
    return true;
  });
}

function eraseStatement(node: Node, edits: Edits): false {
  edits.replace(node.start, node.start + 1, ";");
  edits.blank(node.start + 1, node.end);
  return false;
}

function stripWithin(node: Node, source: string, edits: Edits): void {
  const inner = nodeAt(node, "expression");
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
      if (inner) edits.blank(closedEnd(inner, source), node.end);
      break;
    case "TSTypeAssertion":
      if (inner) edits.blank(node.start, inner.start);
      break;
    case "TSEnumDeclaration":
      edits.replace(node.start, node.end, enumAsObject(node, source));
      break;
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
      if (node.importKind === "type" || node.exportKind === "type") eraseStatement(node, edits);
      break;
    case "ClassDeclaration":
    case "ClassExpression":
      stripClassHead(node, source, edits);
      break;
  }
  if (node.kind === "constructor") assignParameterProperties(node, edits);
  if (WITH_MODIFIERS.has(node.type)) stripMember(node, source, edits);
  if (node.type === "Identifier" && node.optional === true) {
    blankFirst("?", node.start + String(node.name).length, node.end, source, edits);
  }
  const [first] = nodesAt(node, "params");
  if (first?.type === "Identifier" && first.name === "this") stripThis(first, source, edits);
}

/** Behind the parentheses that an expression may stand in. */
function closedEnd(inner: Node, source: string): number {
  const { parenthesized } = (inner.extra ?? {}) as { parenthesized?: boolean };
  return parenthesized ? source.indexOf(")", inner.end) + 1 : inner.end;
}

function stripClassHead(node: Node, source: string, edits: Edits): void {
  const head = MODIFIERS.exec(source.slice(node.start, node.end));
  if (head) edits.blank(node.start, node.start + head[0].length);
  const [first] = nodesAt(node, "implements");
  const last = nodesAt(node, "implements").at(-1);
  if (first && last) edits.blank(source.lastIndexOf("implements", first.start), last.end);
}

function stripMember(node: Node, source: string, edits: Edits): void {
  if (node.abstract === true) {
    edits.blank(node.start, node.end);
    return;
  }
  const text = source.slice(node.start, node.end);
  const isStatic = /^static\s+/.exec(text)?.[0] ?? "";
  const before = MODIFIERS.exec(text);
  if (before) {
    edits.blank(node.start, node.start + before[0].length);
    const later = /^static\s+/.exec(text.slice(before[0].length))?.[0].length ?? 0;
    const again = MODIFIERS.exec(text.slice(before[0].length + later));
    const at = node.start + before[0].length + later;
    if (later > 0 && again) edits.blank(at, at + again[0].length);
  } else if (isStatic !== "") {
    const after = MODIFIERS.exec(text.slice(isStatic.length));
    const at = node.start + isStatic.length;
    if (after) edits.blank(at, at + after[0].length);
  }
  const key = nodeAt(node, "key");
  if (!key) return;
  const until = nodeAt(node, "typeAnnotation")?.start ?? nodeAt(node, "typeParameters")?.start ?? node.end;
  const keyEnd = node.computed === true ? source.indexOf("]", key.end) + 1 : key.end;
  if (node.optional === true) blankFirst("?", keyEnd, until, source, edits);
  if (node.definite === true) blankFirst("!", keyEnd, until, source, edits);
}

/** `constructor(private x)` declares a member and sets it, in a derived class after `super(…)`. */
function assignParameterProperties(node: Node, edits: Edits): void {
  const body = nodeAt(node, "body");
  const assignments = nodesAt(node, "params").flatMap((property) => {
    const parameter = nodeAt(property, "parameter");
    if (property.type !== "TSParameterProperty" || !parameter) return [];
    edits.blank(property.start, parameter.start);
    const name = String((nodeAt(parameter, "left") ?? parameter).name);
    return [`this.${name} = ${name};`];
  });
  if (assignments.length === 0 || !body) return;
  const callsSuper = nodesAt(body, "body").find((statement) => {
    const call = nodeAt(statement, "expression");
    return call?.type === "CallExpression" && nodeAt(call, "callee")?.type === "Super";
  });
  edits.insert(callsSuper?.end ?? body.start + 1, `; ${assignments.join(" ")}`);
}

function stripThis(parameter: Node, source: string, edits: Edits): void {
  const comma = /^\s*,/.exec(source.slice(parameter.end));
  edits.blank(parameter.start, parameter.end + (comma?.[0].length ?? 0));
}

function blankFirst(sign: string, from: number, to: number, source: string, edits: Edits): void {
  const at = source.indexOf(sign, from);
  if (at !== -1 && at <= to) edits.blank(at, at + 1);
}

/** `enum` as the object that TypeScript makes of it, on as many lines. */
function enumAsObject(node: Node, source: string): string {
  const name = String(nodeAt(node, "id")?.name);
  const body = nodeAt(node, "body");
  const members =
    nodesAt(node, "members").length > 0 ? nodesAt(node, "members") : body ? nodesAt(body, "members") : [];
  let previous = "-1";
  const lines = members.map((member) => {
    const id = nodeAt(member, "id");
    const key = JSON.stringify(id?.type === "StringLiteral" ? id.value : id?.name);
    const initializer = nodeAt(member, "initializer");
    if (initializer?.type === "StringLiteral")
      return `E[${key}] = ${source.slice(initializer.start, initializer.end)};`;
    const value = initializer ? source.slice(initializer.start, initializer.end) : `${previous} + 1`;
    previous = `E[${key}]`;
    return `E[E[${key}] = ${value}] = ${key};`;
  });
  const breaks = "\n".repeat(source.slice(node.start, node.end).split("\n").length - 1);
  return `var ${name} = ((E) => { ${lines.join(" ")} return E; })({});${breaks}`;
}
