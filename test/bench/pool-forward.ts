import http from "node:http";
import { customPool, newIdentifier, sessionUrl, socketOf, startEmulator } from "./support/emulator.js";
import { overFloorAtMost } from "./support/goals.js";
import { askFor } from "./support/http.js";
import { HTTP_SERVER } from "./support/programs.js";
import type { Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const POOL = "forward";

/** A small request of an identifier that has its session, over connections that stay open. */
export const poolForward: Row = {
  name: "pool-forward",
  async measure(context) {
    const emulator = await startEmulator(context, [
      customPool(POOL, HTTP_SERVER, { readySessionInstances: 0, maxConcurrentSessions: 5 }),
    ]);
    const identifier = newIdentifier();
    const url = sessionUrl(emulator, POOL, identifier);
    await askFor(200, { url });
    const socketPath = await socketOf(emulator, identifier, HTTP_SERVER.targetPort);
    const agents = {
      direct: new http.Agent({ keepAlive: true }),
      emulator: new http.Agent({ keepAlive: true }),
    };
    context.onEnd(async () => {
      for (const agent of Object.values(agents)) agent.destroy();
    });
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 2_000,
      warmUp: 500,
      floor: () => timed(() => askFor(200, { socketPath, path: "/" }, { agent: agents.direct })),
      measured: () => timed(() => askFor(200, { url }, { agent: agents.emulator })),
    });
    return [
      {
        what: "known identifier, forwarding",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "the same request on the session's own socket", samples: floorSamples },
        goals: [overFloorAtMost(1, "ms")],
      },
    ];
  },
};
