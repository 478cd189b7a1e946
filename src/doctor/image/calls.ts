import http from "node:http";
import type { Endpoint } from "../../runtime/endpoint.js";
import { type Answer, type CallFacts, PROBE_FILE } from "./facts.js";
import { answersAsInterpreter, isInterpreterAnswer } from "./judge-calls.js";

/** A first execution may wait for its kernel. */
const EXECUTION_TIMEOUT_MS = 60_000;
const USUAL_TIMEOUT_MS = 15_000;
const LONGEST_BODY = 64 * 1024;
const QUERY = "api-version=2024-10-02-preview&identifier=doctor-1";

/** What the calls depend on. */
export interface CallOrder {
  healthPath: string;
  /** Code that any working kernel of the image can run. */
  code: string;
}

/** Asks a container what clients of a code interpreter ask, as the pool would hand it on (byoc 3). */
export async function callEndpoints(endpoint: Endpoint, order: CallOrder): Promise<CallFacts> {
  const call = (method: string, path: string, more: Partial<CallRequest> = {}) =>
    ask(endpoint, { method, path, ...more });
  const health = await call("GET", order.healthPath);
  const executions = await call("POST", `/executions?${QUERY}`, {
    ...json({
      code: order.code,
      codeInputType: "inline",
      executionType: "synchronous",
      timeoutInSeconds: 50,
    }),
    timeoutMs: EXECUTION_TIMEOUT_MS,
  });
  const shellExecute = isInterpreterAnswer(executions)
    ? undefined
    : await call("POST", `/shellExecute?${QUERY}`, json({ shellCommand: "echo doctor" }));
  const facts: CallFacts = { health, executions, ...(shellExecute && { shellExecute }) };
  if (!answersAsInterpreter(facts)) return facts;
  facts.upload = await call("POST", `/files?${QUERY}`, upload());
  facts.list = await call("GET", `/files?${QUERY}`);
  facts.download = await call("GET", `/files/${PROBE_FILE.name}/content?${QUERY}`);
  facts.delete = await call("DELETE", `/files/${PROBE_FILE.name}?${QUERY}`);
  return facts;
}

interface CallRequest {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
  timeoutMs?: number;
}

function json(value: unknown): Pick<CallRequest, "headers" | "body"> {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) };
}

function upload(): Pick<CallRequest, "headers" | "body"> {
  const boundary = "dse-doctor-boundary";
  const { name, content } = PROBE_FILE;
  const part = `Content-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: text/plain`;
  return {
    headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` },
    body: `--${boundary}\r\n${part}\r\n\r\n${content}\r\n--${boundary}--\r\n`,
  };
}

function ask(endpoint: Endpoint, request: CallRequest): Promise<Answer> {
  const { method, path, headers = {}, body, timeoutMs = USUAL_TIMEOUT_MS } = request;
  const started = performance.now();
  return new Promise((resolve) => {
    const end = (answer: Omit<Answer, "elapsedMs">) => {
      clearTimeout(timer);
      resolve({ ...answer, elapsedMs: Math.round(performance.now() - started) });
    };
    const length = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const asked = http.request(
      { agent: endpoint.agent, method, path, headers: { Host: "localhost", ...length, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size <= LONGEST_BODY) chunks.push(chunk);
        });
        const status = response.statusCode ?? 0;
        response.once("end", () => end({ status, body: Buffer.concat(chunks).toString("utf8") }));
        response.once("error", (error) => end({ error: error.message }));
      },
    );
    const timer = setTimeout(() => {
      end({ error: `no answer within ${timeoutMs / 1000} s` });
      asked.destroy();
    }, timeoutMs);
    asked.once("error", (error: NodeJS.ErrnoException) => {
      const isOther = error.code?.startsWith("HPE_");
      end({ error: isOther ? "what it sends is no HTTP" : `the connection broke (${error.message})` });
    });
    asked.end(body);
  });
}
