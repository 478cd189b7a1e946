import type { Request } from "express";
import * as z from "zod";
import type { Settings } from "../config/settings.js";
import { CODE_INPUT_TYPES, type CodeInputType, codeOf } from "../execution/code-input.js";
import { queryText } from "./dialect.js";
import { RequestError } from "./errors.js";

/** Characters kept of each stream when the request does not say (byoc 3.2). */
export const DEFAULT_OUTPUT_LIMIT = 4096;

const oneOf = (allowed: readonly string[]) =>
  z.string().refine((value) => allowed.includes(value.toLowerCase()), `use one of ${allowed.join(", ")}`);

const bodySchema = z.object({
  code: z.string().optional(),
  pythonCode: z.string().optional(),
  codeInputType: oneOf(CODE_INPUT_TYPES).nullish(),
  executionType: oneOf(["synchronous", "asynchronous"]).nullish(),
  timeoutInSeconds: z.number().positive().nullish(),
  outputStreamsMaxLength: z.int().min(0).nullish(),
  standardMsgLength: z.int().min(0).nullish(),
  identifier: z.string().nullish(),
  useEmptyKernel: z.boolean().nullish(),
  returnJupyterFormatExecutionResult: z.boolean().nullish(),
});

/** What a client asked to run, with every default filled in. */
export interface ExecutionRequest {
  /** Chosen by the client with the `operation-id` header. */
  id: string | undefined;
  identifier: string;
  code: string;
  /** In the client's spelling. */
  executionType: string;
  asynchronous: boolean;
  timeoutSeconds: number;
  outputLimit: number;
  useEmptyKernel: boolean;
  jupyterFormat: boolean;
}

/**
 * Reads the body of any execute endpoint: flat, or wrapped in `properties` (byoc 3.2). Only `code` is needed.
 *
 * @throws RequestError 400 saying which member is missing or wrong
 */
export function readExecutionRequest(req: Request, settings: Settings): ExecutionRequest {
  const body = checkedBody(req.body);
  const input = body.code ?? body.pythonCode;
  if (input === undefined || input === "") {
    throw new RequestError(400, "`Code` field is required in the request");
  }
  const inputType = (body.codeInputType ?? "inline").toLowerCase() as CodeInputType;
  const code = codeOf(input, inputType, settings.file.spec.codeExecution.enableAutoBase64Decoding);
  if (code === undefined) {
    throw new RequestError(
      400,
      "`Code` is not valid base64 of UTF-8 text, but `codeInputType` is InlineBase64",
    );
  }
  const executionType = body.executionType ?? "synchronous";
  const asynchronous = executionType.toLowerCase() === "asynchronous";
  if (asynchronous && settings.asynchronous === "off") {
    throw new RequestError(
      400,
      "Asynchronous execution is not supported: 'spec.kernel.isAsynchronousExecutionSupported' is false. " +
        "Send executionType Synchronous, or set it to true.",
    );
  }
  return {
    id: chosenId(req),
    identifier: queryText(req, "identifier") ?? body.identifier ?? "",
    code: withSnippets(wellFormed(code), settings, asynchronous),
    executionType,
    asynchronous,
    timeoutSeconds: body.timeoutInSeconds ?? settings.defaultTimeoutSeconds,
    outputLimit: body.outputStreamsMaxLength ?? body.standardMsgLength ?? DEFAULT_OUTPUT_LIMIT,
    useEmptyKernel: body.useEmptyKernel ?? false,
    jupyterFormat: body.returnJupyterFormatExecutionResult ?? false,
  };
}

function checkedBody(raw: unknown): z.output<typeof bodySchema> {
  if (raw === undefined || raw === null || raw === "") throw new RequestError(400, "request body is empty");
  const wrapped = (raw as { properties?: unknown }).properties;
  const parsed = bodySchema.safeParse(wrapped !== null && typeof wrapped === "object" ? wrapped : raw);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") || "request body";
  throw new RequestError(400, `\`${where}\` is not valid: ${issue?.message}`);
}

function chosenId(req: Request): string | undefined {
  const id = req.get("operation-id")?.trim();
  if (id === undefined || id === "") return undefined;
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(id)) {
    throw new RequestError(400, "The operation-id header must be 1 to 128 letters, digits, '.', '_' or '-'");
  }
  return id;
}

/**
 * Half a surrogate pair, as a cut emoji leaves it, becomes the replacement character: Jupyter servers lose
 * messages that contain one.
 */
function wellFormed(code: string): string {
  return Buffer.from(code, "utf8").toString("utf8");
}

/** Snippets share one cell with the code: kernels such as ijavascript need that (byoc 2.3). */
function withSnippets(code: string, settings: Settings, asynchronous: boolean): string {
  const { synchronousExecution, asynchronousExecution } = settings.file.spec.codeExecution;
  const snippets = asynchronous ? asynchronousExecution : synchronousExecution;
  const parts = [snippets?.preCodeInjectionSnippet, code, snippets?.postCodeInjectionSnippet];
  return parts.filter((part) => part !== undefined && part !== "").join("\n");
}
