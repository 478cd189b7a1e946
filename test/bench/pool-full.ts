import http from "node:http";
import { customPool, newIdentifier, sessionUrl, startEmulator } from "./support/emulator.js";
import { p50AtMost, p95AtMost } from "./support/goals.js";
import { askFor } from "./support/http.js";
import { HTTP_SERVER } from "./support/programs.js";
import type { Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const POOL = "full";

/** The refusal of a new identifier by a pool that has no place left. */
export const poolFull: Row = {
  name: "pool-full",
  async measure(context) {
    const emulator = await startEmulator(context, [
      customPool(POOL, HTTP_SERVER, { readySessionInstances: 0, maxConcurrentSessions: 1 }),
    ]);
    await askFor(200, { url: sessionUrl(emulator, POOL, newIdentifier()) });
    const agent = new http.Agent({ keepAlive: true });
    context.onEnd(async () => agent.destroy());
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 500,
      warmUp: 100,
      floor: () => timed(() => askFor(200, { url: `${emulator.url}/_emulator/health` }, { agent })),
      measured: () =>
        timed(() => askFor(429, { url: sessionUrl(emulator, POOL, newIdentifier()) }, { agent })),
    });
    return [
      {
        what: "refusal when full",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "/_emulator/health of the same process", samples: floorSamples },
        goals: [p50AtMost(10, "ms"), p95AtMost(10, "ms")],
      },
    ];
  },
};
