import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import { socketEndpoint } from "../endpoint.js";
import { probeTcp } from "../readiness/tcp-probe.js";
import {
  type Instance,
  type InstanceOwner,
  type InstanceSpec,
  RuntimeError,
  type SessionRecord,
  type SessionRuntime,
} from "../runtime.js";
import { awaitAnswer } from "./await-answer.js";
import { kernelOf, refusal } from "./kernels.js";
import { permissionFlags } from "./permissions.js";
import { missingProgram, type Programs } from "./programs.js";
import type { Reaper } from "./reaper.js";
import type { Seal } from "./seal.js";
import {
  makeSessionFolder,
  removeLeftovers,
  type SessionFolder,
  signalGroup,
  writeOwner,
} from "./session-folder.js";
import { type SessionProcess, startProcess } from "./session-process.js";
import { ensureSnapshot } from "./snapshot.js";

const LISTENS_WITHIN_MS = 1_000;
/** Heap of the thread that serves the API. */
const API_HEAP_MEGABYTES = 192;

/** What an embedded runtime is made of. */
export interface EmbeddedRuntimeOptions {
  /** Folder for sockets and files; real path, short. */
  stateDir: string;
  startupTimeoutMs: number;
  programs: Programs;
  seal: Seal;
  reaper: Reaper;
  /** What Node itself takes beside the user's code. */
  nodeBytes: number;
  /** Python packages that sessions can import. */
  wheelsFolder?: string;
  /** Folder for snapshots of a started Python. */
  snapshotCache: string;
}

interface Held {
  folder: SessionFolder;
  process: SessionProcess;
}

/** One child process per session, without any container: for one's own code (docs/isolation.md). */
export class EmbeddedRuntime implements SessionRuntime {
  readonly kind = "embedded";
  private readonly held = new Map<string, Held>();
  private snapshotFolder: string | undefined;

  constructor(private readonly options: EmbeddedRuntimeOptions) {}

  async prepare(spec: InstanceSpec, onProgress: (line: string) => void, signal: AbortSignal): Promise<void> {
    const { programs, snapshotCache } = this.options;
    const kernel = kernelOf(spec);
    const missing = await missingProgram(programs, kernel);
    if (missing) throw new RuntimeError("image-missing", `pool '${spec.pool}': ${missing}`);
    const { snapshotMaker, pyodideFolder } = programs;
    if (kernel !== "python" || !pyodideFolder) return;
    const order = { program: snapshotMaker, pyodideFolder, folder: snapshotCache };
    this.snapshotFolder ??= await ensureSnapshot(order, onProgress, signal);
  }

  async missing(spec: InstanceSpec): Promise<string | undefined> {
    return refusal(spec) ?? missingProgram(this.options.programs, kernelOf(spec));
  }

  async limitsNotInForce(): Promise<string[]> {
    const why = "sessions of the embedded runtime are processes of this machine without a limit of their own";
    const memory = process.platform === "linux" ? [] : [`memory: beyond the language's own heap, ${why}`];
    return [`cpu: ${why}`, `ephemeralStorage: ${why}`, ...memory];
  }

  async create(spec: InstanceSpec, _owner: InstanceOwner, signal: AbortSignal): Promise<Instance> {
    const { stateDir, reaper } = this.options;
    const id = randomBytes(4).toString("hex");
    const folder = await makeSessionFolder(stateDir, id);
    let started: SessionProcess | undefined;
    try {
      started = await this.start(spec, folder);
      const { group, exited } = started;
      reaper.add(group);
      void exited.then(() => reaper.remove(group));
      await writeOwner(folder, group);
      const endpoint = socketEndpoint({ path: folder.socketPath });
      const { startupTimeoutMs } = this.options;
      await awaitAnswer(spec, started, endpoint, { startupTimeoutMs, signal });
      signal.throwIfAborted();
      this.held.set(id, { folder, process: started });
      return { id, name: `dse-${spec.pool}-${id}`, endpoint, exited };
    } catch (error) {
      await remove(folder, started);
      if (error instanceof RuntimeError) throw error;
      const failure = signal.aborted ? "aborted" : "start-failed";
      throw new RuntimeError(
        failure,
        `pool '${spec.pool}': a session could not start: ${messageOf(error)}`,
        "",
        { cause: error },
      );
    }
  }

  private start(spec: InstanceSpec, folder: SessionFolder): Promise<SessionProcess> {
    const { snapshotFolder } = this;
    const { programs, seal, wheelsFolder } = this.options;
    const kernel = kernelOf(spec);
    const { pyodideFolder } = programs;
    const python = {
      ...(pyodideFolder && { pyodideFolder }),
      ...(wheelsFolder && { wheelsFolder }),
      ...(snapshotFolder && { snapshotFolder }),
    };
    const { memoryBytes } = spec;
    const read = [programs.folder, ...(kernel === "python" ? Object.values(python) : [])];
    const order = {
      ...{ socketPath: folder.socketPath, kernel, folder: folder.files, memoryBytes },
      ...(kernel === "python" && python),
    };
    const flags = permissionFlags({ read, write: [folder.inside] });
    const node = [process.execPath, `--max-old-space-size=${API_HEAP_MEGABYTES}`, ...flags, programs.main];
    const command = seal.around(node, {
      rootFolder: folder.root,
      writableFolder: folder.inside,
      visible: [process.execPath, ...read],
      dataBytes: memoryBytes + this.options.nodeBytes,
    });
    return startProcess(command, order);
  }

  async pause(instance: Instance): Promise<void> {
    instance.endpoint.close();
    this.signal(instance, "SIGSTOP");
  }

  async resume(instance: Instance): Promise<void> {
    this.signal(instance, "SIGCONT");
  }

  async listens({ endpoint }: Instance): Promise<boolean> {
    return (await probeTcp(endpoint, LISTENS_WITHIN_MS)).kind === "open";
  }

  /** Nothing is written down: sessions of this runtime end with the emulator. */
  async remember(_instance: Instance, _record: SessionRecord): Promise<void> {}

  /** Sessions of an earlier emulator have ended with it; what is left after a crash is removed. */
  async recover(): Promise<[]> {
    await removeLeftovers(this.options.stateDir);
    return [];
  }

  async destroy(instance: Instance): Promise<void> {
    instance.endpoint.close();
    const held = this.held.get(instance.id);
    if (!held) return;
    await remove(held.folder, held.process);
    this.held.delete(instance.id);
  }

  /** Also with `keep`: a process cannot be handed to the next emulator. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.held.values()].map((held) => remove(held.folder, held.process)));
    this.held.clear();
    await removeLeftovers(this.options.stateDir);
    this.options.reaper.dismiss();
  }

  private signal(instance: Instance, signal: NodeJS.Signals): void {
    const group = this.held.get(instance.id)?.process.group;
    if (group !== undefined && signalGroup(group, signal)) return;
    throw new RuntimeError("start-failed", `the process of '${instance.name}' has ended`);
  }
}

async function remove(folder: SessionFolder, started: SessionProcess | undefined): Promise<void> {
  if (started) {
    // Whoever inherits a dead process may bury it late; that its pipes are closed is what counts.
    signalGroup(started.group, "SIGKILL");
    await started.exited;
  }
  await fs.rm(folder.path, { recursive: true, force: true });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
