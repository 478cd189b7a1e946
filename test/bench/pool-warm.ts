import http from "node:http";
import {
  containerOf,
  customPool,
  newIdentifier,
  sessionUrl,
  socketOf,
  startEmulator,
  stopSession,
  untilWarm,
} from "./support/emulator.js";
import { p50AtMost, p95AtMost } from "./support/goals.js";
import { askFor } from "./support/http.js";
import { HTTP_SERVER } from "./support/programs.js";
import type { Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const POOL = "warm";

/** The first request of a new identifier while an instance is ready for it. */
export const poolWarm: Row = {
  name: "pool-warm",
  async measure(context) {
    const settings = { readySessionInstances: 1, maxConcurrentSessions: 5 };
    const emulator = await startEmulator(context, [customPool(POOL, HTTP_SERVER, settings)]);
    const agent = new http.Agent({ keepAlive: true });
    context.onEnd(async () => agent.destroy());

    // A session of the same kind, paused by hand: waking it and asking it is all that has to be done.
    const sleeper = newIdentifier();
    await askFor(200, { url: sessionUrl(emulator, POOL, sleeper) });
    const target = { socketPath: await socketOf(emulator, sleeper, HTTP_SERVER.targetPort), path: "/" };
    const container = context.docker.getContainer(await containerOf(emulator, sleeper));
    await container.pause();
    context.onEnd(() => container.unpause());

    const { floorSamples, measuredSamples } = await interleave({
      rounds: 30,
      warmUp: 2,
      between: () => untilWarm(emulator, POOL, settings.readySessionInstances),
      floor: async () => {
        const ms = await timed(async () => {
          await container.unpause();
          await askFor(200, target);
        });
        await container.pause();
        return ms;
      },
      measured: async () => {
        const identifier = newIdentifier();
        const ms = await timed(() => askFor(200, { url: sessionUrl(emulator, POOL, identifier) }, { agent }));
        await stopSession(emulator, POOL, identifier);
        return ms;
      },
    });
    return [
      {
        what: "new identifier, warm",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "unpause + one request", samples: floorSamples },
        goals: [p50AtMost(40, "ms"), p95AtMost(80, "ms")],
      },
    ];
  },
};
