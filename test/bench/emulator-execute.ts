import http from "node:http";
import { newIdentifier, sessionUrl, socketOf, startEmulator } from "./support/emulator.js";
import { askFor } from "./support/http.js";
import { INTERPRETER_PORT } from "./support/interpreter.js";
import type { Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

const POOL = "python";
const VERSION = "2025-10-02-preview";

/** The whole way of an execution in a built-in pool, known identifier. */
export const emulatorExecute: Row = {
  name: "emulator-execute",
  async measure(context) {
    const emulator = await startEmulator(context, [{ name: POOL, containerType: "PythonLTS" }]);
    const identifier = newIdentifier();
    const url = `${sessionUrl(emulator, POOL, identifier, "/executions")}&api-version=${VERSION}`;
    const agents = {
      direct: new http.Agent({ keepAlive: true }),
      emulator: new http.Agent({ keepAlive: true }),
    };
    context.onEnd(async () => {
      for (const agent of Object.values(agents)) agent.destroy();
    });
    const json = { code: "1+1", codeInputType: "Inline", executionType: "Synchronous" };
    await askFor(200, { url }, { method: "POST", json });
    const socketPath = await socketOf(emulator, identifier, INTERPRETER_PORT);
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 200,
      warmUp: 50,
      floor: () =>
        timed(() =>
          askFor(
            200,
            { socketPath, path: "/execute" },
            { method: "POST", json: { properties: json }, agent: agents.direct },
          ),
        ),
      measured: () => timed(() => askFor(200, { url }, { method: "POST", json, agent: agents.emulator })),
    });
    return [
      {
        what: "1+1 through the whole emulator",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "the interpreter on the session's own socket", samples: floorSamples },
        goals: [],
      },
    ];
  },
};
