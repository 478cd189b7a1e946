import http from "node:http";
import { customPool, newIdentifier, sessionUrl, startEmulator } from "./support/emulator.js";
import { overFloorAtMost } from "./support/goals.js";
import { askFor } from "./support/http.js";
import { HTTP_SERVER } from "./support/programs.js";
import type { BenchContext, Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const POOL = "reached";

/** A small request of an identifier that has its session: through the gate, beside the same by its socket. */
export const gateForward: Row = {
  name: "gate-forward",
  async measure(context) {
    const bySocket = await sessionReachedBy("socket", context);
    const throughGate = await sessionReachedBy("gate", context);
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 2_000,
      warmUp: 500,
      floor: bySocket,
      measured: throughGate,
    });
    return [
      {
        what: "known identifier, forwarding through the gate",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "the same request by the session's socket", samples: floorSamples },
        goals: [overFloorAtMost(1, "ms")],
        note: "both through an emulator, over connections that stay open",
      },
    ];
  },
};

/** Starts an emulator with one session; gives the time of one request to it. */
async function sessionReachedBy(
  reach: "socket" | "gate",
  context: BenchContext,
): Promise<() => Promise<number>> {
  const settings = { readySessionInstances: 0, maxConcurrentSessions: 5 };
  const pools = [customPool(POOL, HTTP_SERVER, settings)];
  const emulator = await startEmulator(context, pools, ["--reach", reach]);
  const url = sessionUrl(emulator, POOL, newIdentifier());
  const agent = new http.Agent({ keepAlive: true });
  context.onEnd(async () => agent.destroy());
  await askFor(200, { url });
  return () => timed(() => askFor(200, { url }, { agent }));
}
