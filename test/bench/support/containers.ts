import type Docker from "dockerode";
import type { BenchContext } from "./row.js";

/** On every container that a row makes itself. */
export const BENCH_LABEL = "dynamic-sessions.bench";

/** Creates a container that is removed after the row. */
export async function createContainer(
  context: BenchContext,
  options: Docker.ContainerCreateOptions,
): Promise<Docker.Container> {
  const container = await context.docker.createContainer({ ...options, Labels: { [BENCH_LABEL]: "1" } });
  context.onEnd(() => removeContainer(container));
  return container;
}

/** Removes a container, also one that is gone already. */
export async function removeContainer(container: Docker.Container): Promise<void> {
  await container.remove({ force: true, v: true }).catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
  });
}

/** Runs a command in a container and gives what it printed on standard output. @throws Error with stderr when it fails */
export async function execute(
  context: BenchContext,
  container: Docker.Container,
  command: string[],
): Promise<string> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const pieces = { out: "", err: "" };
  const into = (name: "out" | "err") => ({ write: (piece: Buffer) => (pieces[name] += piece.toString()) });
  context.docker.modem.demuxStream(stream, into("out") as never, into("err") as never);
  await new Promise((resolve, reject) => stream.once("end", resolve).once("error", reject));
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0)
    throw new Error(`${command.join(" ")} ended with ${ExitCode}: ${pieces.err}${pieces.out}`);
  return pieces.out;
}

/** Milliseconds that the engine itself needs to create and start one container with as little as possible in it. */
export async function bareContainer(
  context: BenchContext,
  program: { image: string; command: string[]; args: string[] },
): Promise<{ ms: number; container: Docker.Container }> {
  const startedAt = performance.now();
  const container = await createContainer(context, {
    Image: program.image,
    Entrypoint: program.command,
    Cmd: program.args,
    HostConfig: { NetworkMode: "none" },
  });
  await container.start();
  return { ms: performance.now() - startedAt, container };
}
