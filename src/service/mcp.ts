import type { ContainerType } from "../config/pool-config.js";
import type { ExecutionRequest } from "./execution-request.js";
import type { ExecutionOutcome } from "./interpreter-answer.js";
import { isJsonObject } from "./json-body.js";
import { type RpcAnswer, RpcError, type RpcMessage, readRpcBody, rpcError } from "./json-rpc.js";
import { mcpTools, readToolCall, renderLaunch, renderRefusedTool, renderToolRun } from "./mcp-tools.js";
import { ServiceError } from "./service-error.js";
import { emptyAnswer, jsonAnswer, type WireAnswer } from "./wire-answer.js";

/** What the MCP endpoint of one pool needs of the rest. */
export interface McpPool {
  containerType: ContainerType;
  /** The emulator's version, told as the server's. */
  version: string;
  /** A new environment's id. */
  newEnvironmentId(): string;
  /** Runs a program in an environment, which is allocated on first use. @throws ServiceError */
  run(environmentId: string, request: ExecutionRequest): Promise<ExecutionOutcome>;
  /** Hears of every request and of the pool's refusals, for the log. */
  onRequest(method: string, refusal?: ServiceError): void;
}

/** The service's own version, and later ones under which the same messages mean the same. */
const PROTOCOL_VERSIONS = ["2025-03-26", "2025-06-18", "2025-11-25"] as const;
const SERVER_NAME = "Microsoft Container Apps MCP Server";

/** True for the path of a pool's MCP endpoint. @param path raw path after the pool's prefix, without the query */
export function isMcpPath(path: string): boolean {
  return /^\/+mcp\/*$/i.test(path);
}

/**
 * Answers a body that was POSTed to a pool's MCP endpoint (api-reference 8, recordings E38–E40): plain JSON, no
 * stream and no MCP session. 202 without a body when nothing asks for an answer; 400 when the body is no
 * JSON-RPC; every other answer is 200, errors of a request included.
 *
 * @param text the body
 */
export async function answerMcp(text: string, pool: McpPool): Promise<WireAnswer> {
  let body: ReturnType<typeof readRpcBody>;
  try {
    body = readRpcBody(text);
  } catch (error) {
    if (error instanceof RpcError) return jsonAnswer(400, rpcError(null, error));
    throw error;
  }
  const answers: RpcAnswer[] = [];
  // One after the other: a batch may launch, upload and run in this order.
  for (const message of body.messages) {
    const answer = await answerMessage(message, pool);
    if (answer) answers.push(answer);
  }
  const [first] = answers;
  if (first === undefined) return emptyAnswer(202);
  if (body.batch) return jsonAnswer(200, answers);
  return jsonAnswer(body.messages[0]?.kind === "invalid" ? 400 : 200, first);
}

async function answerMessage(message: RpcMessage, pool: McpPool): Promise<RpcAnswer | undefined> {
  if (message.kind === "notification") return undefined;
  if (message.kind === "invalid") {
    return rpcError(message.id, new RpcError("invalidRequest", `Invalid Request: ${message.reason}`));
  }
  const { id, method, params } = message;
  pool.onRequest(method);
  try {
    return { jsonrpc: "2.0", id, result: await resultOf(method, params, pool) };
  } catch (error) {
    if (error instanceof RpcError) return rpcError(id, error);
    throw error;
  }
}

async function resultOf(method: string, params: unknown, pool: McpPool): Promise<unknown> {
  switch (method) {
    case "initialize":
      return initializeResult(params, pool.version);
    case "ping":
      return {};
    case "tools/list":
      return { tools: mcpTools(pool.containerType) };
    case "tools/call":
      return callTool(params, pool);
    default: {
      const known = "there are initialize, ping, tools/list and tools/call";
      throw new RpcError("methodNotFound", `Method not found: '${method.slice(0, 100)}': ${known}`);
    }
  }
}

/** Works without parameters as well, as the documentation's samples call it (recordings E38, F3). */
function initializeResult(params: unknown, version: string) {
  const wanted = isJsonObject(params) ? params.protocolVersion : undefined;
  return {
    protocolVersion: PROTOCOL_VERSIONS.find((known) => known === wanted) ?? PROTOCOL_VERSIONS[0],
    capabilities: { tools: { call: true, list: true } },
    serverInfo: { name: SERVER_NAME, version },
  };
}

async function callTool(params: unknown, pool: McpPool) {
  try {
    const call = readToolCall(pool.containerType, params);
    if (call.kind === "launch") return renderLaunch(pool.newEnvironmentId());
    return renderToolRun(await pool.run(call.environmentId, call.request));
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    pool.onRequest("tools/call", error);
    return renderRefusedTool(error);
  }
}
