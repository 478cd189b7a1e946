import type http from "node:http";
import { Router } from "express";
import { type WebSocket, WebSocketServer } from "ws";
import { queryText } from "../api/dialect.js";
import { jsonBody } from "../api/execution-routes.js";
import type { Settings } from "../config/settings.js";
import { runCommand } from "./command.js";
import { readShellRequest, shellBody } from "./request.js";

const SOCKET_PATH = "/shellExecuteWs";

/** `POST /shellExecute` (api-reference 4.9). */
export function shellRoutes(settings: Settings): Router {
  const router = Router();
  router.post("/shellExecute", jsonBody, async (req, res) => {
    const context = {
      identifier: queryText(req, "identifier") ?? req.get("x-execution-identifier"),
      shellType: req.get("x-shell-type"),
    };
    const request = readShellRequest(req.body, context, settings);
    res.json(shellBody(await runCommand(request), request.identifier));
  });
  return router;
}

/**
 * Serves the WebSocket `/shellExecuteWs`. Every text message is one request, as for `POST /shellExecute`.
 * Output comes as `{"stream":"stdout"|"stderr","data":"…"}` while the command runs, then the same answer that
 * `POST` gives. Commands of one socket run one after the other; closing it ends the running one.
 */
export function serveShellSocket(server: http.Server, settings: Settings): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 * 1024 });
  server.on("upgrade", (req, socket, head) => {
    const url = new URL(req.url ?? "/", "http://interpreter");
    if (url.pathname !== SOCKET_PATH) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const identifier = url.searchParams.get("identifier") ?? undefined;
    sockets.handleUpgrade(req, socket, head, (ws) => converse(ws, identifier, settings));
  });
}

function converse(ws: WebSocket, identifier: string | undefined, settings: Settings): void {
  const closed = new AbortController();
  let previous: Promise<void> = Promise.resolve();
  const send = (value: unknown) => {
    if (ws.readyState === ws.OPEN) ws.send(JSON.stringify(value));
  };
  const serve = async (text: string) => {
    if (closed.signal.aborted) return;
    try {
      const request = readShellRequest(JSON.parse(text), { identifier, shellType: undefined }, settings);
      const onOutput = (stream: "stdout" | "stderr", data: string) => send({ stream, data });
      const result = await runCommand({ ...request, onOutput }, closed.signal);
      send(shellBody(result, request.identifier));
    } catch (error) {
      send({ status: "Failed", errorName: "BadRequest", errorMessage: (error as Error).message });
    }
  };
  ws.on("message", (data) => {
    previous = previous.then(() => serve(String(data)));
  });
  ws.on("close", () => closed.abort());
  ws.on("error", () => ws.terminate());
}
