import { readdir } from "node:fs/promises";
import type Docker from "dockerode";
import { afterAll } from "vitest";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { execInContainer, lastLogLines } from "../../../src/runtime/docker/logs.js";
import { eventually } from "../support/emulator.js";

/** What an emulator leaves a session: no network, few capabilities. */
const SESSION_LIMITS = {
  NetworkMode: "none",
  Memory: 2 * 2 ** 30,
  PidsLimit: 512,
  CapDrop: ["ALL"],
  CapAdd: ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL", "NET_BIND_SERVICE"],
  SecurityOpt: ["no-new-privileges"],
};

/** One container of a test file, removed when the file is done. */
export interface TestContainer {
  /** Both streams of a command that runs inside, as root. */
  run(...command: string[]): Promise<string>;
  logs(): Promise<string>;
  stop(): Promise<void>;
  /** Exit code once the container has ended. */
  exitCode(): Promise<number>;
}

/** The engine of this machine. */
export async function dockerEngine(): Promise<Docker> {
  return (await findEngine()).docker;
}

/** Starts containers for one test file and removes them when it is done. Call at the top of the file. */
export function containersForTests(): {
  start(image: string, command?: string[]): Promise<TestContainer>;
  /** Starts an image with an interpreter and waits until it is healthy. */
  startSession(image: string): Promise<TestSession>;
} {
  const started: Docker.Container[] = [];
  afterAll(() => Promise.all(started.map((container) => container.remove({ force: true, v: true }))));

  async function start(image: string, command?: string[]): Promise<TestContainer> {
    const docker = await dockerEngine();
    const container = await docker.createContainer({
      Image: image,
      ...(command && { Cmd: command }),
      HostConfig: SESSION_LIMITS,
    });
    started.push(container);
    await container.start();
    return {
      run: (...words) => execInContainer(docker, container.id, words),
      logs: () => lastLogLines(docker, container.id, 100),
      // Far longer than leaving takes: an exit code of 137 then says that the engine had to kill it.
      stop: () => container.stop({ t: 30 }),
      exitCode: async () => ((await container.wait()) as { StatusCode: number }).StatusCode,
    };
  }
  return { start, startSession: async (image) => answering(image, await start(image)) };
}

/** A session whose interpreter answers. */
export interface TestSession extends TestContainer {
  execute(
    code: string,
  ): Promise<{ status: string; result: { executionResult: unknown; stdout: string; stderr: string } }>;
}

async function answering(image: string, container: TestContainer): Promise<TestSession> {
  const wget = (path: string, ...options: string[]): Promise<string> =>
    container.run("wget", "-qO-", "--content-on-error", ...options, `http://127.0.0.1:6000${path}`);
  await eventually(`${image} answers /health: ${await container.logs()}`, async () =>
    /"?healthy"?/.test((await wget("/health")).replace("unhealthy", "")),
  );
  return {
    ...container,
    execute: async (code) => {
      const body = `--post-data=${JSON.stringify({ code })}`;
      const answer = await wget("/executions", "--header=Content-Type: application/json", body);
      return JSON.parse(answer) as Awaited<ReturnType<TestSession["execute"]>>;
    },
  };
}

/** Every file below a folder, for dockerode's build contexts. */
export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1));
}
