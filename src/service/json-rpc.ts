import { isJsonObject } from "./json-body.js";

/** Id of a request; the answer carries the same. */
export type RpcId = string | number;

/** One incoming JSON-RPC 2.0 message, understood. */
export type RpcMessage =
  | { kind: "request"; id: RpcId; method: string; params: unknown }
  /** A notification, or an answer to a request that was never made: nothing is sent back. */
  | { kind: "notification" }
  | { kind: "invalid"; id: RpcId | null; reason: string };

/** The codes of JSON-RPC 2.0 that are used. */
export const RPC_CODES = {
  parseError: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
} as const;

/** Messages that one body may hold. */
const LARGEST_BATCH = 100;

/** A refusal of one request in JSON-RPC's terms. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  constructor(
    readonly kind: keyof typeof RPC_CODES,
    message: string,
  ) {
    super(message);
  }
}

/** One outgoing message. */
export type RpcAnswer = { jsonrpc: "2.0"; id: RpcId | null } & (
  | { result: unknown }
  | { error: { code: number; message: string } }
);

/**
 * Reads a body: one message, or a batch of them.
 * @throws RpcError `parseError`, `invalidRequest` (an empty batch, or one that is too large)
 */
export function readRpcBody(text: string): { batch: boolean; messages: RpcMessage[] } {
  let body: unknown;
  try {
    body = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const reason = error instanceof Error ? error.message.slice(0, 200) : "unknown reason";
    throw new RpcError(
      "parseError",
      `Parse error: ${reason}: send one JSON-RPC 2.0 message as JSON in UTF-8`,
    );
  }
  if (!Array.isArray(body)) return { batch: false, messages: [readMessage(body)] };
  if (body.length === 0) throw new RpcError("invalidRequest", "Invalid Request: the batch is empty");
  if (body.length > LARGEST_BATCH) {
    const size = `the batch has ${body.length} messages, send at most ${LARGEST_BATCH}`;
    throw new RpcError("invalidRequest", `Invalid Request: ${size}`);
  }
  return { batch: true, messages: body.map(readMessage) };
}

function readMessage(value: unknown): RpcMessage {
  if (!isJsonObject(value)) return { kind: "invalid", id: null, reason: "a message must be a JSON object" };
  const { id, method, params } = value;
  const usableId = typeof id === "string" || typeof id === "number" ? id : undefined;
  const invalid = (reason: string): RpcMessage => ({ kind: "invalid", id: usableId ?? null, reason });
  if (value.jsonrpc !== "2.0") return invalid("'jsonrpc' must be \"2.0\"");
  if (typeof method !== "string") {
    if ("result" in value || "error" in value) return { kind: "notification" };
    return invalid("'method' must be a string");
  }
  if (!("id" in value)) return { kind: "notification" };
  if (usableId === undefined) return invalid("'id' must be a string or a number");
  return { kind: "request", id: usableId, method, params };
}

/** An error answer. */
export function rpcError(id: RpcId | null, error: RpcError): RpcAnswer {
  return { jsonrpc: "2.0", id, error: { code: RPC_CODES[error.kind], message: error.message } };
}
