import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { instanceFolder } from "../folders.js";
import { createRelay } from "../relay.js";
import { Teardown } from "../teardown.js";
import type { Reach } from "./reach.js";

/** Where nobody listens: connecting to the socket is all that is tried. */
const PORT = 1;
const LISTENS_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 10;

/**
 * Starts a relay and connects to it.
 * @returns why that does not work; undefined when it does
 */
export async function whyUnreachable(
  reach: Reach,
  context: { docker: Docker; emulatorId: string; stateDir: string; relayImage: string },
): Promise<string | undefined> {
  const { docker, emulatorId, stateDir, relayImage: image } = context;
  const name = `dse-probe-${randomBytes(4).toString("hex")}`;
  const teardown = new Teardown(docker);
  teardown.folder(instanceFolder(stateDir, name));
  teardown.step(() => reach.discard(name));
  try {
    const relay = await createRelay(docker, {
      emulatorId,
      name,
      image,
      reach,
      ports: [PORT],
      network: "none",
    });
    teardown.container(relay.id);
    await relay.start();
    const endpoint = reach.endpoint(name, PORT);
    for (const end = Date.now() + LISTENS_WITHIN_MS; ; await sleep(LOOK_AGAIN_MS)) {
      try {
        (await endpoint.connect()).destroy();
        return undefined;
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    // Nobody waits for it: what belongs to no instance is removed at the end in any case.
    void teardown.run().catch(() => undefined);
  }
}
