import { spawn } from "node:child_process";
import { once } from "node:events";
import { startEmulator } from "./support/emulator.js";
import type { Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

/** From the command to an emulator that takes requests; the images are there. */
export const emulatorStart: Row = {
  name: "emulator-start",
  async measure(context) {
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 8,
      warmUp: 1,
      floor: () => timed(() => once(spawn(process.execPath, ["-e", ""]), "exit")),
      measured: async () => {
        const emulator = await startEmulator(context, [{ name: "python", containerType: "PythonLTS" }]);
        await emulator.stop();
        return emulator.readyMs;
      },
    });
    return [
      {
        what: "start to ready, one Python pool",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "start and end of a Node process", samples: floorSamples },
        goals: [],
      },
    ];
  },
};
