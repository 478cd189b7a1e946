import { execute } from "./support/containers.js";
import { p50AtMost, ratioAtMost } from "./support/goals.js";
import { createInterpreter, executionUrl, firstExecution, INSIDE } from "./support/interpreter.js";
import type { Row } from "./support/row.js";

const CODES = ["print(1)", "1+1"];

/** Small pieces of code through the interpreter, against the same kernel driven directly, both inside the container. */
export const interpreterRun: Row = {
  name: "interpreter-run",
  async measure(context) {
    const container = await createInterpreter(context);
    await container.start();
    await firstExecution(await executionUrl(container), "1+1");
    const printed = await execute(context, container, ["node", `${INSIDE}/kernel-driver.mjs`, ...CODES]);
    const results: Record<string, { floorSamples: number[]; measuredSamples: number[] }> =
      JSON.parse(printed);
    return Object.entries(results).map(([code, { floorSamples, measuredSamples }]) => ({
      what: `${code} through the interpreter`,
      unit: "ms" as const,
      samples: measuredSamples,
      floor: { what: "the same kernel over a WebSocket to its Jupyter server", samples: floorSamples },
      goals: [ratioAtMost(1.5), p50AtMost(15, "ms")],
    }));
  },
};
