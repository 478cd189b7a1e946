import type { StateDir } from "../state/state-dir.js";
import { findEngine } from "./docker/engine.js";
import { startReaper } from "./docker/reaper/start-reaper.js";
import { DockerRuntime } from "./docker/runtime.js";
import { RuntimeError, type SessionRuntime } from "./runtime.js";

/** What the choice of a runtime depends on. */
export interface RuntimeChoice {
  runtime: "auto" | "docker" | "embedded";
  dockerHost?: string;
  state: StateDir;
  startupTimeoutSeconds: number;
  /** Leave the sessions to the next emulator on the same state folder, also after a crash. */
  keepContainers: boolean;
}

/**
 * The runtime to use, and why.
 * @throws RuntimeError `engine-unavailable` when there is none
 */
export async function chooseRuntime(
  choice: RuntimeChoice,
): Promise<{ runtime: SessionRuntime; reason: string }> {
  if (choice.runtime === "embedded") {
    throw new RuntimeError(
      "engine-unavailable",
      "--runtime embedded is not available in this version: use --runtime docker with a Docker engine (npm run engine)",
    );
  }
  const { dockerHost, state } = choice;
  const engine = await findEngine(dockerHost);
  const { emulatorId, path: stateDir, ephemeral } = state;
  const order = { emulatorId, pid: process.pid, stateDir, ephemeral, ...(dockerHost && { dockerHost }) };
  const reaper = choice.keepContainers ? undefined : startReaper(order);
  const startupTimeoutMs = choice.startupTimeoutSeconds * 1000;
  const runtime = new DockerRuntime({
    docker: engine.within(startupTimeoutMs),
    patientDocker: engine.docker,
    emulatorId,
    stateDir,
    relayImage: "dynamic-sessions/relay:latest",
    startupTimeoutMs,
    onClosed: (inOrder) => (inOrder ? reaper?.dismiss() : reaper?.takeOver()),
  });
  return { runtime, reason: `Docker ${engine.version} at ${engine.address}` };
}
