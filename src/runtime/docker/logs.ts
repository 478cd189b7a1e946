import { PassThrough } from "node:stream";
import { finished } from "node:stream/promises";
import type Docker from "dockerode";

/** Collects a multiplexed stream of the engine into text, in the order of arrival. */
export async function demultiplex(docker: Docker, stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  const sink = new PassThrough();
  sink.on("data", (chunk: Buffer) => chunks.push(chunk));
  docker.modem.demuxStream(stream, sink, sink);
  await finished(stream).catch(() => undefined);
  return Buffer.concat(chunks).toString("utf8");
}

/** The last lines that a container printed, both streams; "" when they cannot be had. */
export async function lastLogLines(docker: Docker, containerId: string, lines: number): Promise<string> {
  try {
    const raw = await docker
      .getContainer(containerId)
      .logs({ stdout: true, stderr: true, tail: lines, follow: false });
    return splitFrames(raw).trimEnd();
  } catch {
    return "";
  }
}

/** Length of the header before each piece of a multiplexed log. */
const FRAME_HEADER = 8;

/** Without `follow` the engine answers all frames in one buffer. */
function splitFrames(raw: Buffer): string {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at + FRAME_HEADER <= raw.length) {
    const end = at + FRAME_HEADER + raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + FRAME_HEADER, end));
    at = end;
  }
  return Buffer.concat(pieces).toString("utf8");
}

/** Runs a command in a container and gives what it printed. */
export async function execInContainer(
  docker: Docker,
  containerId: string,
  command: string[],
): Promise<string> {
  const exec = await docker
    .getContainer(containerId)
    .exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  return demultiplex(docker, await exec.start({}));
}
