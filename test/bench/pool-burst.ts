import { bareContainer, removeContainer } from "./support/containers.js";
import {
  customPool,
  newIdentifier,
  reset,
  sessionUrl,
  startEmulator,
  untilWarm,
} from "./support/emulator.js";
import { askFor } from "./support/http.js";
import { TRIVIAL_SERVER } from "./support/programs.js";
import type { Row } from "./support/row.js";
import { timed } from "./support/sampling.js";

const POOL = "burst";
const IDENTIFIERS = 50;
const WARM = 10;
const ROUNDS = 3;

/** Many new identifiers at the same moment, more than there are instances ready. Any error breaks the row. */
export const poolBurst: Row = {
  name: "pool-burst",
  async measure(context) {
    const settings = { readySessionInstances: WARM, maxConcurrentSessions: IDENTIFIERS + WARM };
    const emulator = await startEmulator(context, [customPool(POOL, TRIVIAL_SERVER, settings)]);
    const samples: number[] = [];
    const floorSamples: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await untilWarm(emulator, POOL, WARM);
      const arrivals = Array.from({ length: IDENTIFIERS }, () =>
        timed(() => askFor(200, { url: sessionUrl(emulator, POOL, newIdentifier()) })),
      );
      samples.push(...(await Promise.all(arrivals)));
      await reset(emulator);
      await untilWarm(emulator, POOL, WARM);

      const starts = await Promise.all(
        Array.from({ length: IDENTIFIERS - WARM }, () => bareContainer(context, TRIVIAL_SERVER)),
      );
      floorSamples.push(...starts.map(({ ms }) => ms));
      await Promise.all(starts.map(({ container }) => removeContainer(container)));
    }
    return [
      {
        what: `burst of ${IDENTIFIERS} new identifiers, ${WARM} warm`,
        unit: "ms",
        samples,
        floor: {
          what: `engine: ${IDENTIFIERS - WARM} containers created + started at once`,
          samples: floorSamples,
        },
        goals: [],
        note: `${ROUNDS} bursts, every answer was 200`,
      },
    ];
  },
};
