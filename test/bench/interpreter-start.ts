import { removeContainer } from "./support/containers.js";
import { ratioAtMost } from "./support/goals.js";
import { createInterpreter, executionUrl, firstExecution } from "./support/interpreter.js";
import type { BenchContext, Row } from "./support/row.js";
import { interleave, timed } from "./support/sampling.js";

/** The ordinary way to have a kernel: one program, no server. */
const BARE_KERNEL = `
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name="python3")
client.execute_interactive("1+1")
print("answered", flush=True)
manager.shutdown_kernel(now=True)
`;

/** From the start of a container to its first answer. */
export const interpreterStart: Row = {
  name: "interpreter-start",
  async measure(context) {
    const { floorSamples, measuredSamples } = await interleave({
      rounds: 10,
      warmUp: 1,
      floor: () => bareKernel(context),
      measured: () => interpreter(context),
    });
    return [
      {
        what: "container start to first answer",
        unit: "ms",
        samples: measuredSamples,
        floor: { what: "the same container with jupyter_client and a kernel only", samples: floorSamples },
        goals: [ratioAtMost(1.3)],
      },
    ];
  },
};

async function interpreter(context: BenchContext): Promise<number> {
  const container = await createInterpreter(context);
  const ms = await timed(async () => {
    await container.start();
    await firstExecution(await executionUrl(container), "1+1");
  });
  await removeContainer(container);
  return ms;
}

async function bareKernel(context: BenchContext): Promise<number> {
  const container = await createInterpreter(context, {
    Entrypoint: ["/home/ubuntu/snenv/bin/python3", "-c", BARE_KERNEL],
    User: "ubuntu",
    WorkingDir: "/home/ubuntu",
  });
  const output = await container.attach({ stream: true, stdout: true, stderr: true });
  const ms = await timed(async () => {
    await container.start();
    await printed(output, "answered");
  });
  await removeContainer(container);
  return ms;
}

function printed(output: NodeJS.ReadableStream, word: string): Promise<void> {
  let text = "";
  return new Promise((resolve, reject) => {
    output.on("data", (piece: Buffer) => {
      text += piece.toString("utf8");
      if (text.includes(word)) resolve();
    });
    output.once("end", () => reject(new Error(`the bare kernel gave no answer: ${text}`)));
    output.once("error", reject);
  });
}
