import http from "node:http";
import type { Endpoint } from "../endpoint.js";
import type { ProbeOutcome } from "./outcome.js";

/** What an HTTP probe asks. */
export interface HttpProbeRequest {
  path: string;
  headers: { name: string; value: string }[];
  timeoutMs: number;
}

/** One `httpGet` try. The body is read and thrown away. */
export function probeHttp(endpoint: Endpoint, request: HttpProbeRequest): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const headers: Record<string, string> = { Host: "localhost", Connection: "close" };
    for (const { name, value } of request.headers) headers[name] = value;
    const asked = http.request(
      { agent: endpoint.agent, method: "GET", path: request.path, headers },
      (response) => {
        const status = response.statusCode ?? 0;
        response.once("error", () => undefined).resume();
        clearTimeout(timer);
        resolve({ kind: "answered", status });
      },
    );
    const timer = setTimeout(() => {
      resolve({ kind: "silent" });
      asked.destroy();
    }, request.timeoutMs);
    asked.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // A parser error means that somebody is there and speaks something else than HTTP.
      resolve({ kind: error.code?.startsWith("HPE_") ? "open" : "refused" });
    });
    asked.end();
  });
}
