import { findEngine } from "./docker/engine.js";
import { DockerRuntime } from "./docker/runtime.js";
import { RuntimeError, type SessionRuntime } from "./runtime.js";

/** What the choice of a runtime depends on. */
export interface RuntimeChoice {
  runtime: "auto" | "docker" | "embedded";
  dockerHost?: string;
  emulatorId: string;
  stateDir: string;
  startupTimeoutSeconds: number;
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
  const engine = await findEngine(choice.dockerHost);
  return {
    runtime: new DockerRuntime({
      docker: engine.docker,
      emulatorId: choice.emulatorId,
      stateDir: choice.stateDir,
      relayImage: "dynamic-sessions/relay:latest",
      startupTimeoutMs: choice.startupTimeoutSeconds * 1000,
    }),
    reason: `Docker ${engine.version} at ${engine.address}`,
  };
}
