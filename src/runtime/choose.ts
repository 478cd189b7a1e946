import type { StateDir } from "../state/state-dir.js";
import { type Engine, findEngine } from "./docker/engine.js";
import { prepareImages } from "./docker/prepare.js";
import { openReach } from "./docker/reach/open-reach.js";
import { startReaper } from "./docker/reaper/start-reaper.js";
import { DockerRuntime } from "./docker/runtime.js";
import { refusal } from "./embedded/kernels.js";
import { embeddedNotes } from "./embedded/notes.js";
import { openEmbedded } from "./embedded/open.js";
import { type InstanceSpec, RuntimeError, type SessionRuntime } from "./runtime.js";

/** What the choice of a runtime depends on. */
export interface RuntimeChoice {
  runtime: "auto" | "docker" | "embedded";
  dockerHost?: string;
  /** The way to the sessions of an engine. */
  reach: "auto" | "socket" | "gate";
  state: StateDir;
  startupTimeoutSeconds: number;
  /** Leave the sessions to the next emulator on the same state folder, also after a crash. */
  keepContainers: boolean;
  /** Folder with Python packages, for sessions without a container. */
  wheels?: string;
  onProgress?(line: string): void;
  signal?: AbortSignal;
}

/** A runtime and what is to be said of it. */
export interface ChosenRuntime {
  runtime: SessionRuntime;
  /** Why this one, and what holds its sessions. */
  reason: string;
  /** Why it can never start instances of a spec, and what to do; undefined when it can. */
  refusal(spec: InstanceSpec): string | undefined;
  /** What a person should know before using these pools, one line each. */
  notes(specs: readonly InstanceSpec[]): string[];
}

/**
 * The runtime to use, and why: with `auto` Docker when an engine answers, else the embedded one. An engine that was
 * asked for by name must answer.
 * @throws RuntimeError `engine-unavailable` when there is none
 */
export async function chooseRuntime(choice: RuntimeChoice): Promise<ChosenRuntime> {
  const { runtime, dockerHost } = choice;
  if (runtime === "embedded") return chooseEmbedded(choice, "as --runtime says");
  let engine: Engine;
  try {
    engine = await findEngine(dockerHost);
  } catch (error) {
    if (runtime === "docker" || dockerHost !== undefined || !(error instanceof RuntimeError)) throw error;
    return chooseEmbedded(choice, withoutAdvice(error.message));
  }
  return chooseDocker(choice, engine);
}

/** What was found, without what to do about it. */
function withoutAdvice(message: string): string {
  return message.replace(/\. Start Docker.*$/, "");
}

async function chooseEmbedded(choice: RuntimeChoice, why: string): Promise<ChosenRuntime> {
  const { runtime, inForce } = await openEmbedded(choice);
  const notes = (specs: readonly InstanceSpec[]) => embeddedNotes(specs, choice.keepContainers);
  return { runtime, reason: `${why}; ${inForce}`, refusal, notes };
}

async function chooseDocker(choice: RuntimeChoice, engine: Engine): Promise<ChosenRuntime> {
  const { dockerHost, state } = choice;
  const { emulatorId, path: stateDir, ephemeral } = state;
  const order = { emulatorId, pid: process.pid, stateDir, ephemeral, ...(dockerHost && { dockerHost }) };
  const reaper = choice.keepContainers ? undefined : startReaper(order);
  const startupTimeoutMs = choice.startupTimeoutSeconds * 1000;
  try {
    const relayImage = "dynamic-sessions/relay:latest";
    const docker = engine.within(startupTimeoutMs);
    const { onProgress = () => undefined, signal = new AbortController().signal } = choice;
    await prepareImages(engine.docker, [relayImage], onProgress, signal);
    const engineAddress = engine.address;
    const reach = await openReach({
      reach: choice.reach,
      docker,
      engineAddress,
      emulatorId,
      stateDir,
      relayImage,
    });
    const runtime = new DockerRuntime({
      docker,
      patientDocker: engine.docker,
      emulatorId,
      stateDir,
      reach,
      relayImage,
      startupTimeoutMs,
      onClosed: (inOrder) => (inOrder ? reaper?.dismiss() : reaper?.takeOver()),
    });
    return {
      runtime,
      reason: [`Docker ${engine.version} at ${engineAddress}`, reach.inWords].filter(Boolean).join(", "),
      refusal: () => undefined,
      notes: () => [],
    };
  } catch (error) {
    reaper?.takeOver();
    throw error;
  }
}
