import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";

const PROGRAMS = ["dockerd", "unshare", "nsenter", "mkfs.btrfs"];

/** An engine that was killed first ends what it had left running. */
const UP_WITHIN_MS = 120_000;

/** @throws Error that says what a second engine beside the first lacks */
function requireMeans(): void {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("these tests start an engine of their own: run them as root on Linux");
  }
  const folders = (process.env.PATH ?? "").split(":");
  const there = (name: string) => folders.some((folder) => fs.existsSync(path.join(folder, name)));
  const missing = PROGRAMS.filter((name) => !there(name));
  if (missing.length > 0) {
    const packages = "apt-get install docker.io util-linux btrfs-progs";
    throw new Error(`these tests start an engine of their own and lack ${missing.join(", ")}: ${packages}`);
  }
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
    private readonly driver: "default" | "btrfs",
  ) {}

  /** @param diskBytes gives it a disk of its own of this size, on which it can limit containers */
  static async start(options: { diskBytes?: number } = {}): Promise<OwnEngine> {
    requireMeans();
    const folder = await mkdtemp(path.join(tmpdir(), "dse-engine-"));
    const { diskBytes } = options;
    const disk =
      diskBytes === undefined
        ? ""
        : `mkdir ${folder}/data && mount -o loop ${folder}/disk ${folder}/data && `;
    if (diskBytes !== undefined) {
      await writeFile(`${folder}/disk`, "");
      await truncate(`${folder}/disk`, diskBytes);
      execFileSync("mkfs.btrfs", ["--quiet", `${folder}/disk`], { stdio: ["ignore", "ignore", "inherit"] });
    }
    const holder = spawn("unshare", [
      "--mount",
      // Without a network of its own it would remove the bridge of the machine's engine.
      "--net",
      "sh",
      "-c",
      `${disk}mount -t tmpfs tmpfs /run && echo ready && exec sleep infinity`,
    ]);
    await once(holder.stdout, "data");
    const engine = new OwnEngine(folder, holder, diskBytes === undefined ? "default" : "btrfs");
    await engine.up();
    return engine;
  }

  /** As for `dockerHost`. */
  get address(): string {
    return `unix://${this.folder}/docker.sock`;
  }

  /** Where the engine's disk is for processes outside of its view. */
  get disk(): string {
    return `/proc/${this.holder.pid}/root${this.folder}/data`;
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
      ...(this.driver === "default" ? [] : [`--storage-driver=${this.driver}`]),
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
    endForgotten(this.folder);
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** An engine that is killed in the middle of a start may forget a shim and what that one has begun. */
function endForgotten(folder: string): void {
  const processes = fs
    .readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => ({ pid: Number(pid), command: read(pid, "cmdline"), stat: read(pid, "stat") }));
  const shims = processes.filter(({ command }) => command.includes(`-address\0${folder}/`));
  for (const shim of shims) {
    const isChild = ({ stat }: { stat: string }) => stat.includes(`) S ${shim.pid} `);
    for (const { pid } of [...processes.filter(isChild), shim]) process.kill(pid, "SIGKILL");
  }
}

/** "" when the process is gone. */
function read(pid: string, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
