import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

const PROGRAMS = ["dockerd", "unshare", "nsenter"];

/** An engine that was killed first ends what it had left running. */
const UP_WITHIN_MS = 120_000;

/** True where a second engine can be started beside the first: as root on Linux, with dockerd installed. */
export function canStartEngine(): boolean {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const folders = (process.env.PATH ?? "").split(":");
  return PROGRAMS.every((name) => folders.some((folder) => fs.existsSync(path.join(folder, name))));
}

/**
 * A Docker engine of the tests' own, which may be killed. It has its own view of /run, so that it and the machine's
 * engine know nothing of each other, and no network at all.
 */
export class OwnEngine {
  private engine: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    /** Holds the view of /run, also while the engine is down. */
    private readonly holder: ChildProcess,
  ) {}

  static async start(): Promise<OwnEngine> {
    const folder = await mkdtemp(path.join(tmpdir(), "dse-engine-"));
    const holder = spawn("unshare", [
      "--mount",
      // Without a network of its own it would remove the bridge of the machine's engine.
      "--net",
      "sh",
      "-c",
      "mount -t tmpfs tmpfs /run && echo ready && exec sleep infinity",
    ]);
    await once(holder.stdout, "data");
    const engine = new OwnEngine(folder, holder);
    await engine.up();
    return engine;
  }

  /** As for `dockerHost`. */
  get address(): string {
    return `unix://${this.folder}/docker.sock`;
  }

  get docker(): Docker {
    return new Docker({ socketPath: `${this.folder}/docker.sock` });
  }

  async up(): Promise<void> {
    const { folder } = this;
    await this.down("SIGKILL");
    // An engine that was killed leaves numbers behind, its own and its containerd's, and believes that they live.
    for (const file of ["pid", "exec/containerd/containerd.pid"])
      await rm(`${folder}/${file}`, { force: true });
    const options = [
      `--host=unix://${folder}/docker.sock`,
      `--data-root=${folder}/data`,
      `--exec-root=${folder}/exec`,
      `--pidfile=${folder}/pid`,
      "--bridge=none",
      "--iptables=false",
      "--ip-forward=false",
      "--log-level=error",
    ];
    const enter = ["--target", String(this.holder.pid), "--mount", "--net", "dockerd", ...options];
    const log = fs.openSync(`${folder}/log`, "a");
    this.engine = spawn("nsenter", enter, { stdio: ["ignore", log, log] });
    fs.closeSync(log);
    const end = performance.now() + UP_WITHIN_MS;
    while (!(await this.answers())) {
      if (performance.now() > end) {
        throw new Error(
          `the engine does not start: ${fs.readFileSync(`${folder}/log`, "utf8").slice(-2_000)}`,
        );
      }
      await sleep(200);
    }
  }

  async down(signal: NodeJS.Signals): Promise<void> {
    const { engine } = this;
    if (!engine || engine.exitCode !== null || engine.signalCode !== null) return;
    const exited = once(engine, "exit");
    engine.kill(signal);
    await exited;
  }

  /** Copies an image from another engine. */
  async copyImage(from: Docker, image: string): Promise<void> {
    const answer = await this.docker.loadImage(await from.getImage(image).get());
    for await (const _ of answer);
  }

  private answers(): Promise<boolean> {
    return this.docker.ping().then(
      () => true,
      () => false,
    );
  }

  async remove(): Promise<void> {
    // Only an engine that is up ends its containers.
    if (!(await this.answers())) await this.up();
    await this.down("SIGTERM");
    this.holder.kill("SIGKILL");
    await rm(this.folder, { recursive: true, force: true });
  }
}
