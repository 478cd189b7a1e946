import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { InstanceExit } from "../runtime.js";
import { isGone } from "./engine.js";

const WATCH_AGAIN_AFTER_MS = 1_000;

/** Follows a container to its end, also when the engine is away for a while. Never rejects. */
export async function watchExit(container: Docker.Container, isOver: () => boolean): Promise<InstanceExit> {
  for (;;) {
    try {
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      const state = await container.inspect().catch(() => undefined);
      const oomKilled = state?.State.OOMKilled ?? false;
      const reason = `its container exited with code ${StatusCode}${oomKilled ? " (out of memory)" : ""}`;
      return { exitCode: StatusCode, oomKilled, reason };
    } catch (error) {
      const reason = "its container was removed";
      if (isGone(error) || isOver()) return { exitCode: -1, oomKilled: false, reason };
      await sleep(WATCH_AGAIN_AFTER_MS, undefined, { ref: false });
    }
  }
}
