import { parentPort, workerData } from "node:worker_threads";
import type { FromKernel, KernelWorkerData, ToKernel } from "../worker-protocol.js";
import { CELL_GLOBALS } from "./cell.js";
import { confineThread } from "./confine.js";
import { sessionFiles } from "./files.js";
import { JavaScriptKernel } from "./kernel.js";
import { harmlessModules, namespaceOf, requireFrom } from "./modules.js";
import { Output } from "./output.js";
import { Places } from "./places.js";
import { sessionProcess } from "./process.js";
import { describeThrown } from "./thrown.js";

/** The thread of a JavaScript kernel: shuts what leads out of it, then takes requests. */
function main(data: KernelWorkerData): void {
  const port = parentPort;
  if (!port) throw new Error("this program runs as a worker thread only");
  const post = port.postMessage.bind(port);
  const interrupt = new Uint8Array(data.interrupt);
  const output: Output = new Output((name, text) => kernel.written(name, text));
  const kernel = new JavaScriptKernel({
    send: (message) => post({ message } satisfies FromKernel),
    output,
    takeInterrupt: () => Atomics.exchange(interrupt, 0, 0) !== 0,
  });
  const endThread = process.exit.bind(process);
  const files = sessionFiles(new Places(data));
  const console = output.console();
  const session = sessionProcess(output, (code) => {
    output.flush();
    endThread(code);
  });
  const require = requireFrom(harmlessModules({ files, process: session, console }));
  const uncaught = (error: unknown) => {
    output.write("stderr", `Uncaught ${describeThrown(error).traceback.join("\n")}\n`);
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
  confineThread({
    console,
    process: session,
    require,
    [CELL_GLOBALS.require]: (name: unknown) => namespaceOf(require(name)),
    [CELL_GLOBALS.import]: async (name: unknown) => namespaceOf(require(name)),
  });
  kernel.start();
  port.on("message", ({ request }: ToKernel) => kernel.take(request));
}

main(workerData as KernelWorkerData);
