import { randomUUID } from "node:crypto";
import {
  type KernelModel,
  type KernelServer,
  KernelServerError,
  type KernelSpec,
} from "../execution/kernel-server.js";
import type { ThreadChannel } from "./thread-channel.js";
import { ThreadKernel, type ThreadOrder } from "./thread-kernel.js";

/** Kernels in threads of this process, all of one kind, instead of a Jupyter server. */
export class ThreadServer implements KernelServer {
  readonly place = "threads of this process";
  private readonly kernels = new Map<string, ThreadKernel>();

  /** @param spec the one kernelspec there is */
  constructor(
    private readonly spec: { name: string; language: string },
    private readonly order: ThreadOrder,
  ) {}

  async isUp(): Promise<boolean> {
    return true;
  }

  async kernelSpecs(): Promise<Record<string, KernelSpec>> {
    const { name, language } = this.spec;
    return { [name]: { name, spec: { language } } };
  }

  async startKernel(name: string): Promise<KernelModel> {
    if (name !== this.spec.name) throw new KernelServerError(404, `there is no kernel named '${name}'`);
    const id = randomUUID();
    this.kernels.set(id, new ThreadKernel(this.order));
    return this.kernel(id);
  }

  async kernel(id: string): Promise<KernelModel> {
    return { id, name: this.spec.name, execution_state: this.find(id).executionState };
  }

  async hasKernel(id: string): Promise<boolean> {
    const kernel = this.kernels.get(id);
    return kernel !== undefined && kernel.executionState !== "dead";
  }

  async interrupt(id: string): Promise<void> {
    this.find(id).interrupt();
  }

  async restart(id: string): Promise<void> {
    await this.find(id).restart();
  }

  async delete(id: string): Promise<void> {
    const kernel = this.find(id);
    this.kernels.delete(id);
    await kernel.remove();
  }

  async open(id: string): Promise<ThreadChannel> {
    return this.find(id).connect();
  }

  close(): void {
    for (const kernel of this.kernels.values()) void kernel.remove();
    this.kernels.clear();
  }

  private find(id: string): ThreadKernel {
    const kernel = this.kernels.get(id);
    if (kernel === undefined) throw new KernelServerError(404, `kernel ${id} does not exist`);
    return kernel;
  }
}
