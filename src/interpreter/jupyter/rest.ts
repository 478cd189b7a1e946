import http from "node:http";
import {
  type KernelModel,
  type KernelServer,
  KernelServerError,
  type KernelSpec,
} from "../execution/kernel-server.js";
import type { JupyterAddress } from "./address.js";
import { KernelSocket } from "./socket.js";

/** The Jupyter server refused a call or cannot be reached (`status` 0). */
export class JupyterError extends KernelServerError {
  override readonly name = "JupyterError";
}

/** REST calls to a Jupyter server on a unix socket (byoc 7.1). */
export class JupyterRest implements KernelServer {
  private readonly agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

  constructor(readonly address: JupyterAddress) {}

  get place(): string {
    return this.address.socketPath;
  }

  async isUp(): Promise<boolean> {
    return this.call("GET", "/api", { timeoutMs: 5_000 }).then(
      () => true,
      () => false,
    );
  }

  async kernelSpecs(): Promise<Record<string, KernelSpec>> {
    const answer = (await this.call("GET", "/api/kernelspecs")) as {
      kernelspecs: Record<string, KernelSpec>;
    };
    return answer.kernelspecs;
  }

  async startKernel(name: string): Promise<KernelModel> {
    return (await this.call("POST", "/api/kernels", { body: { name }, timeoutMs: 120_000 })) as KernelModel;
  }

  async kernel(id: string): Promise<KernelModel> {
    return (await this.call("GET", `/api/kernels/${id}`)) as KernelModel;
  }

  async hasKernel(id: string): Promise<boolean> {
    return this.kernel(id).then(
      () => true,
      (error: unknown) => !(error instanceof JupyterError && error.status === 404),
    );
  }

  /** Only sends the signal; the kernel may ignore it. */
  async interrupt(id: string): Promise<void> {
    await this.call("POST", `/api/kernels/${id}/interrupt`);
  }

  /** Resolves when the new kernel process has answered. */
  async restart(id: string): Promise<void> {
    await this.call("POST", `/api/kernels/${id}/restart`, { timeoutMs: 60_000 });
  }

  async delete(id: string): Promise<void> {
    await this.call("DELETE", `/api/kernels/${id}`);
  }

  /** Resolves once the server has heard from the kernel. */
  open(id: string, timeoutMs: number): Promise<KernelSocket> {
    return KernelSocket.open(this.address, id, timeoutMs);
  }

  close(): void {
    this.agent.destroy();
  }

  private call(
    method: string,
    path: string,
    { body, timeoutMs = 15_000 }: { body?: unknown; timeoutMs?: number } = {},
  ): Promise<unknown> {
    const headers = { authorization: `token ${this.address.token}`, "content-type": "application/json" };
    const { socketPath } = this.address;
    return new Promise((resolve, reject) => {
      const fail = (reason: string) => reject(new JupyterError(0, `${method} ${path}: ${reason}`));
      const call = http.request(
        { socketPath, method, path, headers, agent: this.agent, timeout: timeoutMs },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", (error) => fail(error.message));
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            const status = response.statusCode ?? 0;
            if (status >= 400)
              reject(new JupyterError(status, `${method} ${path}: ${status} ${text.slice(0, 300)}`));
            else resolve(text === "" ? undefined : JSON.parse(text));
          });
        },
      );
      call.on("timeout", () => call.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
      call.on("error", (error) => fail(error.message));
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}
