import { readdirSync, readFileSync } from "node:fs";
import http from "node:http";
import { executeContent, type Message } from "../../../src/interpreter/jupyter/messages.js";
import { JupyterRest } from "../../../src/interpreter/jupyter/rest.js";
import { KernelSocket } from "../../../src/interpreter/jupyter/socket.js";
import { askFor } from "../support/http.js";
import { interleave, timed } from "../support/sampling.js";

/**
 * Runs inside a session's container: the same code through the interpreter and, over a WebSocket of its own, on the
 * same kernel without it. Prints `{[code]: {floorSamples, measuredSamples}}`.
 */
async function main(codes: readonly string[]): Promise<void> {
  const rest = new JupyterRest({ socketPath: "/run/jupyter/jupyter.sock", token: jupyterToken() });
  const agent = new http.Agent({ keepAlive: true });
  const socket = await KernelSocket.open(rest.address, await onlyKernel(rest), 30_000);
  const results: Record<string, unknown> = {};
  for (const code of codes) {
    const json = { properties: { codeInputType: "inline", executionType: "synchronous", code } };
    results[code] = await interleave({
      rounds: 300,
      warmUp: 50,
      floor: () => timed(() => runDirectly(socket, code)),
      measured: () =>
        timed(() => askFor(200, { url: "http://127.0.0.1:6000/execute" }, { method: "POST", json, agent })),
    });
  }
  process.stdout.write(JSON.stringify(results));
  process.exit(0);
}

/** Every process of the session's supervisor knows the token of its Jupyter server; it is nowhere else. */
function jupyterToken(): string {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const token = /(?:^|\0)JUPYTER_TOKEN=([^\0]+)/.exec(
        readFileSync(`/proc/${pid}/environ`, "latin1"),
      )?.[1];
      if (token) return token;
    } catch {
      // Another user's process, or one that has just ended.
    }
  }
  throw new Error("no process of this container knows the token of the Jupyter server");
}

async function onlyKernel({ address }: JupyterRest): Promise<string> {
  const body = await new Promise<string>((resolve, reject) => {
    const headers = { authorization: `token ${address.token}` };
    const request = http.get(
      { socketPath: address.socketPath, path: "/api/kernels", headers },
      (response) => {
        let text = "";
        response.on("data", (piece) => {
          text += piece;
        });
        response.once("end", () => resolve(text));
      },
    );
    request.once("error", reject);
  });
  const [kernel] = JSON.parse(body) as { id: string }[];
  if (!kernel) throw new Error(`the Jupyter server has no kernel: ${body}`);
  return kernel.id;
}

/** Finished when the reply and the idle status have both come, as for the interpreter. */
function runDirectly(socket: KernelSocket, code: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const waitsFor = new Set(["execute_reply", "idle"]);
    const end = (error?: Error) => {
      socket.off("message", onMessage).off("close", onClose);
      socket.forget(id);
      if (error) reject(error);
      else resolve();
    };
    const onClose = () => end(new Error("the Jupyter server closed the socket"));
    const onMessage = ({ header, parent_header, content }: Message) => {
      if (parent_header.msg_id !== id) return;
      waitsFor.delete(header.msg_type === "status" ? String(content.execution_state) : header.msg_type);
      if (waitsFor.size === 0) end();
    };
    socket.on("message", onMessage).on("close", onClose);
    const id = socket.send("shell", "execute_request", executeContent({ code, storeHistory: true }));
  });
}

await main(process.argv.slice(2));
