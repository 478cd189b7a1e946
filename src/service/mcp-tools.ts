import type { ContainerType } from "../config/pool-config.js";
import { NEWEST_VERSION } from "./api-version.js";
import { type ExecutionRequest, parseExecution } from "./execution-request.js";
import { checkedIdentifier } from "./identifier.js";
import type { ExecutionOutcome } from "./interpreter-answer.js";
import { isJsonObject } from "./json-body.js";
import { RpcError } from "./json-rpc.js";
import { ServiceError } from "./service-error.js";

/** A tool as `tools/list` tells it. */
export interface McpTool {
  name: string;
  description: string;
  inputSchema: { type: "object"; properties: Record<string, unknown>; required?: string[] };
}

/** A call of a tool, understood. */
export type McpToolCall =
  | { kind: "launch" }
  /** `environmentId` is the identifier of a session (recordings E31). */
  | { kind: "run"; environmentId: string; request: ExecutionRequest };

/** Result of `tools/call`. */
export interface McpToolResult {
  content: ({ type: "text"; text: string } | { type: "image"; data: string; mimeType: string })[];
  structuredContent?: Record<string, unknown>;
  isError: boolean;
}

interface ToolSet {
  /** Names that start an environment; only the first is advertised. */
  launch: [string, ...string[]];
  run: string;
  /** What the environment is, for the descriptions. */
  environment: string;
  /** Arguments of `run` that hold the program, by the member of an execution that they stand for. */
  program: Record<string, { member: string; schema: Record<string, unknown> }>;
}

const text = (description: string) => ({ type: "string", description });

/**
 * The tools of each kind of pool. On PythonLTS only these two are seen, while the documentation of February 2026
 * teaches `launchShell` there as well (api-reference 8, recordings E39): it is understood, not advertised. The
 * service has none for NodeLTS and custom pools; their tools are the emulator's own.
 */
const TOOL_SETS: Readonly<Record<ContainerType, ToolSet>> = {
  PythonLTS: {
    launch: ["launchPythonEnvironment", "launchShell"],
    run: "runPythonCodeInRemoteEnvironment",
    environment: "Python environment",
    program: { pythonCode: { member: "code", schema: text("The Python code to run.") } },
  },
  Shell: {
    launch: ["launchShell"],
    run: "runShellCommandInRemoteEnvironment",
    environment: "Linux shell environment",
    program: {
      shellCommand: { member: "shellCommand", schema: text("The command line to run by bash.") },
      execCommandAndArgs: {
        member: "execCommandAndArgs",
        schema: {
          type: "array",
          items: { type: "string" },
          description: "The program to run and its arguments, instead of shellCommand.",
        },
      },
    },
  },
  NodeLTS: {
    launch: ["launchNodeEnvironment"],
    run: "runNodeCodeInRemoteEnvironment",
    environment:
      "JavaScript environment (an extension of the emulator: Azure has no MCP tools for NodeLTS pools)",
    program: { nodeCode: { member: "code", schema: text("The JavaScript code to run.") } },
  },
  CustomContainer: {
    launch: ["launchEnvironment"],
    run: "runCodeInRemoteEnvironment",
    environment:
      "environment of a custom container (an extension of the emulator: Azure has no MCP tools for custom pools)",
    program: { code: { member: "code", schema: text("The code to run, in the language of the container.") } },
  },
};

/** The tools of a pool, as advertised. */
export function mcpTools(containerType: ContainerType): McpTool[] {
  const { launch, run, environment, program } = TOOL_SETS[containerType];
  const names = Object.keys(program);
  const programSchemas = Object.fromEntries(names.map((name) => [name, program[name]?.schema]));
  return [
    {
      name: launch[0],
      description: `Launches a remote ${environment}. Returns the environmentId that ${run} needs.`,
      inputSchema: { type: "object", properties: {} },
    },
    {
      name: run,
      description: `Runs ${names.join(" or ")} in a remote ${environment} and returns its output. Files in /mnt/data live as long as the environment.`,
      inputSchema: {
        type: "object",
        properties: { environmentId: text(`The id that ${launch[0]} returned.`), ...programSchemas },
        required: names.length === 1 ? ["environmentId", ...names] : ["environmentId"],
      },
    },
  ];
}

/**
 * Reads the parameters of `tools/call`.
 * @throws RpcError `invalidParams`
 * @throws ServiceError `identifierLength`, `identifierCharacters`: the environment's id is a session identifier
 */
export function readToolCall(containerType: ContainerType, params: unknown): McpToolCall {
  const { name, arguments: given = {} } = isJsonObject(params) ? params : {};
  if (typeof name !== "string")
    throw new RpcError("invalidParams", "Invalid params: 'name' must name a tool");
  if (given !== null && !isJsonObject(given)) {
    throw new RpcError("invalidParams", "Invalid params: 'arguments' must be a JSON object");
  }
  const { launch, run, program } = TOOL_SETS[containerType];
  if (launch.includes(name)) return { kind: "launch" };
  if (name !== run) {
    const known = `this ${containerType} pool has ${launch[0]} and ${run}`;
    throw new RpcError("invalidParams", `Unknown tool: '${name.slice(0, 100)}': ${known}`);
  }
  const values = given ?? {};
  const { environmentId } = values;
  if (typeof environmentId !== "string" || environmentId === "") {
    throw new RpcError(
      "invalidParams",
      `Invalid params: 'environmentId' must be the id that ${launch[0]} gave`,
    );
  }
  const request = readProgram(containerType, program, values);
  return { kind: "run", environmentId: checkedIdentifier(environmentId), request };
}

function readProgram(
  containerType: ContainerType,
  program: ToolSet["program"],
  values: Record<string, unknown>,
): ExecutionRequest {
  const members = Object.entries(program).map(([name, { member }]) => [member, values[name]]);
  const operation = {
    kind: "execute",
    dialect: NEWEST_VERSION,
    apiVersion: NEWEST_VERSION,
    // A custom container is asked as code interpreters are, by POST /executions.
    containerType: containerType === "CustomContainer" ? "PythonLTS" : containerType,
  } as const;
  try {
    return parseExecution(operation, Object.fromEntries(members));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const names = Object.keys(program).join(" or ");
    throw new RpcError("invalidParams", `Invalid params: '${names}' must hold the program: ${error.message}`);
  }
}

/** The result of a launch: nothing is started before the first run (recordings E40). */
export function renderLaunch(environmentId: string): McpToolResult {
  return structured({ environmentId }, false);
}

/**
 * The result of a run. `stdout` and `stderr` are the service's; the other members and the picture of a figure are
 * what executions tell as well. A program that failed is an error of the tool, not of the protocol.
 */
export function renderToolRun(outcome: ExecutionOutcome): McpToolResult {
  const { state, stdout, stderr, exitCode, value = "", duration } = outcome;
  const common = { stdout, stderr, executionTimeInMilliseconds: duration };
  if (exitCode !== undefined) return structured({ ...common, exitCode }, state !== "Succeeded");
  return structured({ ...common, status: state, executionResult: value }, state !== "Succeeded");
}

/** The result of a call that the pool refused, e.g. because it is full or the id breaks the rule (recordings E31). */
export function renderRefusedTool(error: ServiceError): McpToolResult {
  const { code } = error.entry;
  const words = code === undefined ? error.message : `${code}: ${error.message}`;
  return { content: [{ type: "text", text: words }], isError: true };
}

/** The same as JSON text for clients and models that do not read `structuredContent`; pictures as pictures. */
function structured(value: Record<string, unknown>, isError: boolean): McpToolResult {
  const { executionResult } = value;
  if (!isJsonObject(executionResult) || typeof executionResult.base64_data !== "string") {
    return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: value, isError };
  }
  const { base64_data: data, ...about } = executionResult;
  const plain = JSON.stringify({ ...value, executionResult: about });
  const mimeType = `image/${typeof about.format === "string" ? about.format : "png"}`;
  return {
    content: [
      { type: "text", text: plain },
      { type: "image", data, mimeType },
    ],
    structuredContent: value,
    isError,
  };
}
