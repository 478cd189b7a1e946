import http, { type IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Endpoint } from "../../runtime/endpoint.js";
import type { InterpreterAnswer } from "../../service/interpreter-answer.js";
import type { InterpreterRequest } from "../../service/interpreter-request.js";

/** The session's container gave no answer: it refused, ended, or broke off. */
export class InterpreterUnreachable extends Error {
  override readonly name = "InterpreterUnreachable";
}

/** Nothing came within the time that was given. */
export class InterpreterSilent extends Error {
  override readonly name = "InterpreterSilent";
}

/** How long a call may take and what it carries. */
export interface CallOptions {
  /** Longest wait for the head of the answer, in milliseconds; absent: as long as it takes. */
  timeoutMs?: number;
  /** Streamed body; `request.body` is sent when absent. */
  body?: Readable;
}

/**
 * Calls the program inside a session and gives the head of its answer; the caller reads the body.
 * @throws InterpreterUnreachable, InterpreterSilent
 */
export async function callInterpreter(
  endpoint: Endpoint,
  request: InterpreterRequest,
  options: CallOptions = {},
): Promise<IncomingMessage> {
  const text = request.body === undefined ? undefined : Buffer.from(request.body, "utf8");
  const headers = { host: "localhost", ...request.headers, ...(text && { "content-length": text.length }) };
  const call = http.request({ agent: endpoint.agent, method: request.method, path: request.url, headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    call.once("response", resolve);
    call.once("error", (error) => reject(new InterpreterUnreachable(error.message, { cause: error })));
    call.once("close", () =>
      reject(new InterpreterUnreachable("it closed the connection without an answer")),
    );
  });
  const timer =
    options.timeoutMs === undefined
      ? undefined
      : setTimeout(() => call.destroy(new InterpreterSilent("no answer in time")), options.timeoutMs);
  try {
    if (options.body) {
      // A body that breaks off must not arrive as a whole one; an early answer (413) ends the sending.
      const sending = pipeline(options.body, call);
      sending.catch(() => undefined);
      return await Promise.race([answered, sending.then(() => answered)]);
    }
    call.end(text);
    return await answered;
  } catch (error) {
    if (error instanceof InterpreterUnreachable && error.cause instanceof InterpreterSilent)
      throw error.cause;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The whole answer as text. @throws InterpreterUnreachable when it breaks off */
export async function readAnswer(message: IncomingMessage): Promise<InterpreterAnswer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch (error) {
    throw new InterpreterUnreachable("it broke off in the middle of its answer", { cause: error });
  }
  return { status: message.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
}
