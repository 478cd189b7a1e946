import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newFolder } from "../../docker/support/process.js";

/** How the engine behaves for those who come through the proxy. */
export type Behaviour =
  | "well"
  /** Nobody listens, and what was open is cut. */
  | "away"
  /** Connections are taken and nothing ever comes. */
  | "silent"
  /** Every message to the engine takes a second longer. */
  | "slow";

const SLOW_MS = 1_000;

/** A unix socket that leads to the engine, well or badly. */
export class EngineProxy {
  private behaviour: Behaviour = "well";
  private cutAfter: RegExp | undefined;
  private readonly open = new Set<net.Socket>();
  private server: net.Server | undefined;

  private constructor(
    private readonly engine: string,
    private readonly file: string,
  ) {}

  /** @param engine path of the engine's own socket */
  static async to(engine: string): Promise<EngineProxy> {
    const proxy = new EngineProxy(engine, path.join(await newFolder(), "engine.sock"));
    await proxy.listen();
    return proxy;
  }

  /** As for `dockerHost`. */
  get address(): string {
    return `unix://${this.file}`;
  }

  async behave(behaviour: Behaviour): Promise<void> {
    this.behaviour = behaviour;
    if (behaviour === "away") await this.close();
    else if (!this.server) await this.listen();
  }

  /** Ends every connection that is open. */
  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  /** Lets the next request that matches reach the engine, and its answer go nowhere. */
  cutNext(request: RegExp): void {
    this.cutAfter = request;
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.cut();
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
  }

  private async listen(): Promise<void> {
    const server = net.createServer((client) => this.connect(client));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.file, resolve));
  }

  private connect(client: net.Socket): void {
    const engine = net.connect(this.engine);
    const pair = [client, engine] as const;
    for (const socket of pair) {
      this.open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.open.delete(socket);
        for (const other of pair) other.end();
      });
    }
    void this.forward(client, engine);
    engine.pipe(client);
  }

  private async forward(client: net.Socket, engine: net.Socket): Promise<void> {
    try {
      for await (const chunk of client as AsyncIterable<Buffer>) {
        if (this.behaviour === "silent") continue;
        if (this.behaviour === "slow") await sleep(SLOW_MS);
        const loses = this.cutAfter?.test(chunk.toString("latin1")) ?? false;
        if (loses) engine.unpipe(client);
        engine.write(chunk);
        if (!loses) continue;
        this.cutAfter = undefined;
        await sleep(50);
        client.destroy();
        return;
      }
    } catch {
      // A connection that was cut.
    }
  }
}
