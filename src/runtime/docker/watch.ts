import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { InstanceExit } from "../runtime.js";
import { isGone } from "./engine.js";

const WATCH_AGAIN_AFTER_MS = 1_000;

/** The two containers of an instance; without either of them it is of no use. */
export interface Watched {
  /** Without a timeout: it waits for as long as the containers live. */
  docker: Docker;
  containerId: string;
  relayId: string;
}

/** Follows an instance to its end, also when the engine is away for a while. Never rejects. */
export function watchExit(watched: Watched, isOver: () => boolean): Promise<InstanceExit> {
  const { docker, containerId, relayId } = watched;
  return Promise.race([
    exitOf(docker, containerId, "its container", isOver),
    exitOf(docker, relayId, "the relay that leads to it", isOver),
  ]);
}

async function exitOf(
  docker: Docker,
  id: string,
  what: string,
  isOver: () => boolean,
): Promise<InstanceExit> {
  for (;;) {
    try {
      const exitCode = await exitCodeOf(docker, id);
      const state = await docker
        .getContainer(id)
        .inspect()
        .catch(() => undefined);
      const oomKilled = state?.State.OOMKilled ?? false;
      const reason = `${what} exited with code ${exitCode}${oomKilled ? " (out of memory)" : ""}`;
      return { exitCode, oomKilled, reason };
    } catch (error) {
      if (isGone(error) || isOver()) return { exitCode: -1, oomKilled: false, reason: `${what} was removed` };
      await sleep(WATCH_AGAIN_AFTER_MS, undefined, { ref: false });
    }
  }
}

/**
 * Waits for a container's end. The engine answers the head at once and the body at the end; dockerode's own `wait`
 * would never settle when the connection breaks in between.
 */
async function exitCodeOf(docker: Docker, id: string): Promise<number> {
  const answer = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    const statusCodes = { 200: true, 404: "no such container", 500: "server error" };
    docker.modem.dial(
      { path: `/containers/${id}/wait`, method: "POST", isStream: true, statusCodes },
      (error: unknown, stream: unknown) => {
        if (error) reject(error);
        else resolve(stream as NodeJS.ReadableStream);
      },
    );
  });
  const { StatusCode } = JSON.parse(await text(answer)) as { StatusCode: number };
  return StatusCode;
}
