import type { EmulatorOptions } from "../../config/options.js";
import type { PoolConfig } from "../../config/pool-config.js";
import { specOf } from "../../emulator.js";
import { chooseRuntime } from "../../runtime/choose.js";
import { type Engine, findEngine } from "../../runtime/docker/engine.js";
import { InstanceLoans } from "../../runtime/loan.js";
import { NotListeningError } from "../../runtime/readiness/not-listening.js";
import { type Instance, RuntimeError, type SessionRuntime } from "../../runtime/runtime.js";
import { openStateDir } from "../../state/state-dir.js";
import { type Finding, fail } from "../finding.js";
import { callEndpoints } from "./calls.js";
import { readConfig } from "./config-file.js";
import { lookInside, memoryOf, readImage } from "./container-view.js";
import type { ExaminationFacts, ImageFacts, SeenFacts, TrialFacts } from "./facts.js";
import { judgeImage } from "./judge.js";
import { hasFailedCalls } from "./judge-calls.js";

/** A slow image is waited for a while longer than a pool does, to say how slow it is. */
const PATIENCE = 1.5;
/** Runs anywhere that understands a sum. */
const USUAL_CODE = "1+1";

/** Which image, under which pool's conditions. */
export interface ExaminationOrder {
  /** A custom pool: image, port, network, limits. */
  pool: PoolConfig;
  /** Engine, reach and time limit. */
  options: EmulatorOptions;
}

/** Who waits. */
export interface ExaminationWatch {
  /** Takes one line whenever a step begins. */
  onProgress(line: string): void;
  signal: AbortSignal;
}

/**
 * Starts an image as a custom pool would, with the emulator's own runtime, and tells what a pool, its clients and
 * Azure would find. Leaves nothing behind.
 * @throws RuntimeError `engine-unavailable` without an engine, `aborted` when stopped
 */
export async function examineImage(order: ExaminationOrder, watch: ExaminationWatch): Promise<Finding[]> {
  const { options, pool } = order;
  const engine = await findEngine(options.dockerHost);
  const state = await openStateDir(undefined);
  try {
    const startupTimeoutSeconds = options.startupTimeoutSeconds * PATIENCE;
    const chosen = await chooseRuntime({
      ...options,
      runtime: "docker",
      keepContainers: false,
      startupTimeoutSeconds,
      state,
    });
    try {
      const examination = new Examination(order, watch, engine, chosen.runtime, state.emulatorId);
      return judgeImage(await examination.facts());
    } catch (error) {
      if (!(error instanceof RuntimeError) || error.failure !== "image-missing") throw error;
      return [
        fail("image", error.message, `Build it: docker build -t ${pool.image} …`, linesOf(error.details)),
      ];
    } finally {
      await chosen.runtime.close({ keep: false });
    }
  } finally {
    await state.release();
  }
}

class Examination {
  private readonly loans: InstanceLoans;

  constructor(
    private readonly order: ExaminationOrder,
    private readonly watch: ExaminationWatch,
    private readonly engine: Engine,
    private readonly runtime: SessionRuntime,
    private readonly emulatorId: string,
  ) {
    this.loans = new InstanceLoans(runtime);
    watch.signal.addEventListener("abort", () => void this.loans.close(), { once: true });
  }

  async facts(): Promise<ExaminationFacts> {
    const { pool, options } = this.order;
    const { onProgress, signal } = this.watch;
    await this.runtime.prepare(specOf(pool), onProgress, signal);
    const { docker } = this.engine;
    const image = await readImage(docker, pool.image, this.emulatorId);
    const { Arch } = await docker.version();
    return {
      image,
      engineArchitecture: Arch,
      limitSeconds: options.startupTimeoutSeconds,
      trials: await this.trials(image),
    };
  }

  /** The pool's conditions first; where they fail, others that may show why. */
  private async trials(image: ImageFacts): Promise<ExaminationFacts["trials"]> {
    const { pool } = this.order;
    const first = await this.try(image, pool);
    const { end } = first;
    const withNetwork = { ...pool, sessionNetworkStatus: "EgressEnabled" } as const;
    if (end.kind === "ready") {
      if (first.egress || !hasFailedCalls(first)) return [first];
    } else {
      const [port] = end.ports;
      if (port !== undefined) {
        return [first, await this.try(image, { ...pool, targetPort: port, probes: [] })];
      }
      const isEngines = end.failure === "engine-unavailable" || end.failure === "start-failed";
      if (first.egress || isEngines) return [first];
    }
    return [first, await this.try(image, withNetwork)];
  }

  private async try(image: ImageFacts, pool: PoolConfig): Promise<TrialFacts> {
    const { onProgress, signal } = this.watch;
    const spec = specOf(pool);
    const { targetPort, egress } = spec;
    onProgress(`Starting ${pool.image}, port ${targetPort}, ${egress ? "with" : "without"} a network`);
    const started = performance.now();
    let elapsedMs: number | undefined;
    try {
      const seen = await this.loans.lend(spec, (instance) => {
        elapsedMs = performance.now() - started;
        onProgress("Ready; looking around and asking its endpoints");
        return this.see(image, instance);
      });
      signal.throwIfAborted();
      return { targetPort, egress, end: { kind: "ready", elapsedMs: elapsedMs ?? 0 }, seen };
    } catch (error) {
      signal.throwIfAborted();
      if (elapsedMs !== undefined || !(error instanceof RuntimeError)) throw error;
      const { failure, message } = error;
      const ports = error instanceof NotListeningError ? [...error.ports] : [];
      const log = linesOf(error.details);
      return { targetPort, egress, end: { kind: "failed", failure, message, log, ports } };
    }
  }

  private async see(image: ImageFacts, instance: Instance): Promise<SeenFacts> {
    const { docker } = this.engine;
    const config = readConfig(image);
    const { healthProbe } = config.settings.spec;
    const calls = await callEndpoints(instance.endpoint, {
      healthPath: healthProbe.endpoint,
      code: healthProbe.code?.trim() || USUAL_CODE,
    });
    const memory = await memoryOf(docker, instance.id);
    return { calls, memory, ...(await lookInside(docker, instance.id)) };
  }
}

function linesOf(log: string): string[] {
  return log === "" ? [] : log.trimEnd().split("\n");
}
