import { readdir } from "node:fs/promises";
import type Docker from "dockerode";
import { afterAll } from "vitest";
import { findEngine } from "../../../src/runtime/docker/engine.js";
import { BuildLog } from "../../../src/runtime/docker/images/build-log.js";
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
  /** Ends every process of it at once. */
  kill(): Promise<void>;
  /** Starts it once more after it has ended, with the files it left. */
  startAgain(): Promise<void>;
  /** Exit code once the container has ended. */
  exitCode(): Promise<number>;
}

/** What is unusual about a container. */
interface Special {
  /** Instead of root. */
  user?: string;
  env?: string[];
  host?: Docker.HostConfig;
}

/** How a session is started. */
export interface SessionOptions extends Special {
  /** The interpreter's; 6000 by default. */
  port?: number;
}

/** The engine of this machine. */
export async function dockerEngine(): Promise<Docker> {
  return (await findEngine()).docker;
}

/** Starts containers for one test file and removes them when it is done. Call at the top of the file. */
export function containersForTests(): {
  start(image: string, command?: string[], special?: Special): Promise<TestContainer>;
  /** Starts an image with an interpreter and waits until it is healthy. */
  startSession(image: string, options?: SessionOptions): Promise<TestSession>;
} {
  const started: Docker.Container[] = [];
  afterAll(() => Promise.all(started.map((container) => container.remove({ force: true, v: true }))));

  async function start(image: string, command?: string[], special: Special = {}): Promise<TestContainer> {
    const docker = await dockerEngine();
    const container = await docker.createContainer({
      Image: image,
      ...(command && { Cmd: command }),
      ...(special.user && { User: special.user }),
      ...(special.env && { Env: special.env }),
      HostConfig: { ...SESSION_LIMITS, ...special.host },
    });
    started.push(container);
    await container.start();
    return {
      run: (...words) => execInContainer(docker, container.id, words),
      logs: () => lastLogLines(docker, container.id, 100),
      // Far longer than leaving takes: an exit code of 137 then says that the engine had to kill it.
      stop: () => container.stop({ t: 30 }),
      kill: async () => {
        await container.kill();
        await container.wait();
      },
      startAgain: () => container.start(),
      exitCode: async () => ((await container.wait()) as { StatusCode: number }).StatusCode,
    };
  }
  return {
    start,
    startSession: async (image, { port = 6000, ...special } = {}) =>
      answering(image, await start(image, undefined, special), port),
  };
}

/** What `POST /executions` answers. */
export interface ExecutionAnswer {
  status: string;
  result: { executionResult: unknown; stdout: string; stderr: string; executionTimeInMilliseconds: number };
}

/** A session whose interpreter answers. */
export interface TestSession extends TestContainer {
  execute(code: string, options?: { timeoutInSeconds: number }): Promise<ExecutionAnswer>;
  /** The body of an answer, whatever its status. */
  get(path: string): Promise<string>;
  post(path: string, body: object): Promise<string>;
}

async function answering(image: string, container: TestContainer, port: number): Promise<TestSession> {
  const wget = (path: string, ...options: string[]): Promise<string> =>
    container.run("wget", "-qO-", "--content-on-error", ...options, `http://127.0.0.1:${port}${path}`);
  await eventually(`${image} answers /health: ${await container.logs()}`, async () =>
    /"?healthy"?/.test((await wget("/health")).replace("unhealthy", "")),
  );
  const post: TestSession["post"] = (path, body) =>
    wget(path, "--header=Content-Type: application/json", `--post-data=${JSON.stringify(body)}`);
  return {
    ...container,
    get: (path) => wget(path),
    post,
    execute: async (code, options = { timeoutInSeconds: 60 }) =>
      JSON.parse(await post("/executions", { code, ...options })) as ExecutionAnswer,
  };
}

/** Builds the Dockerfile of a folder. */
export async function buildTestImage(folder: string, tag: string): Promise<void> {
  const docker = await dockerEngine();
  const log = new BuildLog(() => undefined);
  await log.follow(await docker.buildImage({ context: folder, src: await filesOf(folder) }, { t: tag }));
  if (log.error) throw new Error(`${log.error}\n${log.tail()}`);
}

/** Every file below a folder, for dockerode's build contexts. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length + 1));
}
