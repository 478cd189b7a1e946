import path from "node:path";
import { fileURLToPath } from "node:url";
import type Docker from "dockerode";
import { createContainer } from "./containers.js";
import { askUntilReady } from "./http.js";
import type { BenchContext } from "./row.js";

export const PYTHON_IMAGE = "dynamic-sessions/python:latest";
export const INTERPRETER_PORT = 6000;
/** Programs for the inside of containers: bundled, beside this file's bundle. */
export const INSIDE = "/bench";

/** A container of the Python image outside any emulator, limited as a session is; its port is on the loopback. */
export async function createInterpreter(
  context: BenchContext,
  override: Docker.ContainerCreateOptions = {},
): Promise<Docker.Container> {
  const port = `${INTERPRETER_PORT}/tcp`;
  return createContainer(context, {
    Image: PYTHON_IMAGE,
    ExposedPorts: { [port]: {} },
    ...override,
    HostConfig: {
      Memory: 2 * 2 ** 30,
      PidsLimit: 512,
      PortBindings: { [port]: [{ HostIp: "127.0.0.1" }] },
      Binds: [`${path.dirname(fileURLToPath(import.meta.url))}:${INSIDE}:ro`],
    },
  });
}

/** Where a started interpreter takes executions. */
export async function executionUrl(container: Docker.Container): Promise<string> {
  const { NetworkSettings } = await container.inspect();
  const port = NetworkSettings.Ports[`${INTERPRETER_PORT}/tcp`]?.[0]?.HostPort;
  if (!port) throw new Error("the interpreter's port is not published");
  return `http://127.0.0.1:${port}/execute`;
}

/** Runs code as soon as the interpreter takes it. */
export async function firstExecution(url: string, code: string): Promise<void> {
  const json = { properties: { codeInputType: "inline", executionType: "synchronous", code } };
  await askUntilReady({ url }, { method: "POST", json, everyMs: 5, timeoutMs: 60_000 });
}
