import type http from "node:http";
import { StringDecoder } from "node:string_decoder";
import { type WebSocket, WebSocketServer } from "ws";
import type { Settings } from "../config/settings.js";
import { type OutputStream, runCommand } from "./command.js";
import { readShellRequest, shellBody } from "./request.js";

const PATH = "/shellExecuteWs";
const LONGEST_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Serves the WebSocket `/shellExecuteWs`, whose framing is our own: the vendor's is not documented
 * (api-reference 4.9). Every message is JSON text.
 *
 * - From the client: one request, with the fields of `POST /shellExecute`. Requests of one socket run one after
 *   the other.
 * - To the client, while the command runs: `{"stream":"stdout"|"stderr","data":"…"}`, uncut.
 * - To the client, when it has ended: the answer that `POST /shellExecute` gives; a request that cannot be
 *   served gives the same shape with `errorName` `BadRequest`.
 *
 * Closing the socket kills the running command and forgets those that wait.
 *
 * @returns closes every socket
 */
export function serveShellSocket(server: http.Server, settings: Settings): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LONGEST_MESSAGE_BYTES });
  server.on("upgrade", (req, socket, head) => {
    const [path, query] = (req.url ?? "").split("?");
    if (path !== PATH) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const context = {
      identifier: new URLSearchParams(query).get("identifier") ?? undefined,
      shellType: header(req, "x-shell-type"),
    };
    sockets.handleUpgrade(req, socket, head, (ws) => converse(ws, context, settings));
  });
  return () => {
    for (const ws of sockets.clients) ws.terminate();
  };
}

function converse(ws: WebSocket, context: Parameters<typeof readShellRequest>[1], settings: Settings): void {
  const closed = new AbortController();
  let previous: Promise<void> = Promise.resolve();
  /** Settles when the message is on its way, or the socket gone. */
  const send = (value: unknown): Promise<void> =>
    new Promise((resolve) => {
      if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(value), () => resolve());
      else resolve();
    });
  const serve = async (text: string): Promise<void> => {
    if (closed.signal.aborted) return;
    try {
      const request = readShellRequest(JSON.parse(text), context, settings);
      const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
      const pass = async (stream: OutputStream, data: string): Promise<void> => {
        if (data !== "") await send({ stream, data });
      };
      const result = await runCommand(
        { ...request, onOutput: (stream, chunk) => pass(stream, decoders[stream].write(chunk)) },
        closed.signal,
      );
      for (const stream of ["stdout", "stderr"] as const) await pass(stream, decoders[stream].end());
      await send(shellBody(result, request.identifier));
    } catch (error) {
      const errorMessage = (error as Error).message;
      const none = { exitCode: -1, stdout: "", stderr: "", durationMs: 0 };
      await send(shellBody({ errorName: "BadRequest", errorMessage, ...none }, context.identifier ?? ""));
    }
  };
  ws.on("message", (data) => {
    previous = previous.then(() => serve(String(data)));
  });
  ws.on("close", () => closed.abort());
  ws.on("error", () => ws.terminate());
}

function header(req: http.IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
