import { isJsonObject, memberOf } from "./json-body.js";
import type { OperationOf } from "./operation.js";
import { ServiceError } from "./service-error.js";

/** The longest an execution may run, and what an absent `timeoutInSeconds` means (api-reference 4.5, E5). */
export const LONGEST_EXECUTION_SECONDS = 220;
/** What a Shell pool's streams are cut at unless the request says otherwise (clients 2.4). */
export const DEFAULT_STREAM_BYTES = 4_096;

interface ExecutionBase {
  /** Seconds, 1 to 220. */
  timeoutInSeconds: number;
  /** As the caller wrote it; the answer echoes it. */
  executionType: string;
  /** The answer comes at once and is polled for. Never for Shell, G0 and G1, which know no polling. */
  asynchronous: boolean;
}

/** A run of code in a kernel. */
export interface CodeExecution extends ExecutionBase {
  kind: "code";
  /** Decoded program text. */
  code: string;
  /** Bytes that each stream may have; absent when the caller left it to the interpreter. */
  outputStreamsMaxLength?: number;
}

/** A run of a command in a Shell pool. */
export interface ShellExecution extends ExecutionBase {
  kind: "shell";
  command: { shellCommand: string } | { execCommandAndArgs: string[] };
  stdin?: string;
  /** Bytes that each stream may have. */
  outputStreamsMaxLength: number;
}

export type ExecutionRequest = CodeExecution | ShellExecution;

/** Members that may hold the program, the usual one first; `pythonCode` is the spring-2024 clients'. */
const CODE_MEMBERS = ["code", "pythonCode"];

/**
 * Reads the body of an execution: flat, or wrapped in `properties` where the dialect allows it. The legacy
 * routes take both; the flat routes refuse the wrapper from 2025-10-02-preview on (recordings E3).
 *
 * @param body the parsed JSON; `undefined` for an empty body
 * @throws ServiceError `propertiesMissing`, `fieldInvalid`, `shellNeedsNewerVersion`
 */
export function parseExecution(operation: OperationOf<"execute">, body: unknown): ExecutionRequest {
  const { dialect, containerType } = operation;
  const shell = containerType === "Shell";
  if (shell && (dialect === "G0" || dialect === "G1" || dialect === "2024-10-02-preview")) {
    throw new ServiceError("shellNeedsNewerVersion");
  }
  if (body !== undefined && !isJsonObject(body)) {
    throw new ServiceError("fieldInvalid", { field: "$", rule: "a JSON object" });
  }
  const properties = memberOf(body, "properties");
  const unwraps = dialect !== "2025-10-02-preview";
  const holder = unwraps && isJsonObject(properties) ? properties : body;
  const wrapped = !unwraps && isJsonObject(properties);
  return shell ? parseShell(holder, wrapped) : parseCode(holder, wrapped, operation);
}

function parseCode(holder: unknown, wrapped: boolean, operation: OperationOf<"execute">): CodeExecution {
  const text = CODE_MEMBERS.map((name) => textOf(holder, name)).find((value) => value !== undefined);
  if (text === undefined || text === "") {
    const advice =
      textOf(holder, "shellCommand") === undefined
        ? adviceFor("code", wrapped)
        : "only a Shell pool runs a shellCommand: send 'code', or use a Shell pool";
    throw new ServiceError("propertiesMissing", { property: "code", advice });
  }
  const { executionType, asynchronous } = executionTypeOf(holder);
  const polled = operation.dialect !== "G0" && operation.dialect !== "G1";
  const limit = wholeNumber(holder, "outputStreamsMaxLength");
  return {
    kind: "code",
    code: decoded(text, textOf(holder, "codeInputType")),
    timeoutInSeconds: timeoutOf(holder),
    executionType,
    asynchronous: asynchronous && polled,
    ...(limit === undefined ? {} : { outputStreamsMaxLength: limit }),
  };
}

function parseShell(holder: unknown, wrapped: boolean): ShellExecution {
  const shellCommand = textOf(holder, "shellCommand");
  const args = memberOf(holder, "execCommandAndArgs");
  if (args !== undefined && !isTextList(args)) {
    throw new ServiceError("fieldInvalid", { field: "execCommandAndArgs", rule: "a list of strings" });
  }
  const stdin = textOf(holder, "stdin");
  const common = {
    kind: "shell" as const,
    timeoutInSeconds: timeoutOf(holder),
    executionType: executionTypeOf(holder).executionType,
    asynchronous: false,
    outputStreamsMaxLength: wholeNumber(holder, "outputStreamsMaxLength") ?? DEFAULT_STREAM_BYTES,
    ...(stdin === undefined ? {} : { stdin }),
  };
  if (shellCommand !== undefined && shellCommand !== "") return { ...common, command: { shellCommand } };
  if (args !== undefined && args.length > 0) return { ...common, command: { execCommandAndArgs: args } };
  throw new ServiceError("propertiesMissing", {
    property: "shellCommand",
    advice: adviceFor("shellCommand or execCommandAndArgs", wrapped),
  });
}

function adviceFor(member: string, wrapped: boolean): string {
  return wrapped
    ? "2025-10-02-preview takes a flat body: send the members without the 'properties' around them"
    : `add ${member} to the JSON body`;
}

function executionTypeOf(holder: unknown): { executionType: string; asynchronous: boolean } {
  const executionType = textOf(holder, "executionType") || "Synchronous";
  const word = executionType.toLowerCase();
  if (word !== "synchronous" && word !== "asynchronous") {
    throw new ServiceError("fieldInvalid", { field: "executionType", rule: "Synchronous or Asynchronous" });
  }
  return { executionType, asynchronous: word === "asynchronous" };
}

function decoded(text: string, codeInputType: string | undefined): string {
  switch ((codeInputType || "inline").toLowerCase()) {
    case "inline":
    case "inlinetext":
      return text;
    case "inlinebase64":
      return decodedBase64(text);
    default:
      throw new ServiceError("fieldInvalid", {
        field: "codeInputType",
        rule: "Inline, InlineBase64 or InlineText",
      });
  }
}

function decodedBase64(text: string): string {
  const compact = text.replace(/\s+/g, "");
  const rule = "base64 of UTF-8 text when codeInputType is InlineBase64";
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact) || compact.replace(/=+$/, "").length % 4 === 1) {
    throw new ServiceError("fieldInvalid", { field: "code", rule });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(compact, "base64"));
  } catch {
    throw new ServiceError("fieldInvalid", { field: "code", rule });
  }
}

/** More than the cap is not refused but cut to it (api-reference 14 no. 7). */
function timeoutOf(holder: unknown): number {
  return Math.min(
    wholeNumber(holder, "timeoutInSeconds") ?? LONGEST_EXECUTION_SECONDS,
    LONGEST_EXECUTION_SECONDS,
  );
}

/** A member that is a string or absent. */
function textOf(holder: unknown, name: string): string | undefined {
  const value = memberOf(holder, name);
  if (value === undefined || isUsableText(value)) return value;
  throw new ServiceError("fieldInvalid", { field: name, rule: "a string of valid Unicode" });
}

/** A number above zero, also written as a string, which the service's JSON reader takes; 0 means not given. */
function wholeNumber(holder: unknown, name: string): number | undefined {
  const value = memberOf(holder, name);
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
    throw new ServiceError("fieldInvalid", { field: name, rule: "a whole number, 0 or more" });
  }
  return number === 0 ? undefined : number;
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isUsableText);
}

/** JSON can spell half a surrogate pair; no program can be given such text, and kernels choke on it. */
function isUsableText(value: unknown): value is string {
  return typeof value === "string" && !/\p{Surrogate}/u.test(value);
}
