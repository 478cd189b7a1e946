import http from "node:http";
import { bareContainer, removeContainer } from "./support/containers.js";
import { customPool, newIdentifier, sessionUrl, startEmulator, stopSession } from "./support/emulator.js";
import { ratioAtMost } from "./support/goals.js";
import { askFor } from "./support/http.js";
import { TRIVIAL_SERVER } from "./support/programs.js";
import type { Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const POOL = "cold";
/** Whatever is prepared behind the scenes is ready then, so that it falls on neither. */
const QUIET_MS = 1_500;

/** The first request of a new identifier when a container must be started for it. */
export const poolCold: Row = {
  name: "pool-cold",
  async measure(context) {
    const settings = { readySessionInstances: 0, maxConcurrentSessions: 5 };
    const emulator = await startEmulator(context, [customPool(POOL, TRIVIAL_SERVER, settings)]);
    const agent = new http.Agent({ keepAlive: true });
    context.onEnd(async () => agent.destroy());
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 15,
      warmUp: 2,
      between: () => new Promise((resolve) => setTimeout(resolve, QUIET_MS)),
      floor: async () => {
        const { ms, container } = await bareContainer(context, TRIVIAL_SERVER);
        await removeContainer(container);
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
        what: "new identifier, cold, trivial image",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "engine: create + start one container", samples: floorSamples },
        goals: [ratioAtMost(1.3)],
        note: "a session is two containers (its relay, kept ready, and its own) and the time includes the first answer; the floor is one container with a network namespace of its own, and no answer",
      },
    ];
  },
};
