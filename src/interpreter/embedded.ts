import { setFlagsFromString } from "node:v8";
import { startEmbedded } from "./in-process/embedded-interpreter.js";
import { kernelProgram, readOrder } from "./in-process/order.js";
import { createLog } from "./log.js";

/**
 * Code of WebAssembly is optimized after this many bytes of it have run. Node's own value spends the time and memory
 * of every start on optimizing what runs only then; measured, this halves the one and saves 30 MB of the other.
 */
const TIERING_BUDGET = 20_000_000;

/** The program of a session without a container: an order in `DSE_EMBEDDED`, an end with its standard input. */
async function main(): Promise<void> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  const log = createLog();
  const order = readOrder(process.env.DSE_EMBEDDED);
  const starting = startEmbedded({
    order,
    program: kernelProgram(order.kernel),
    log,
    onHopeless: (reason) => {
      log.error("no kernel can be had, ending the session", { error: reason.message });
      // The pool replaces a session that has ended. Waiting calls get their answer first.
      setTimeout(() => process.exit(1), 200);
    },
  });
  const stop = () => void starting.then((interpreter) => interpreter.close()).finally(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  // The parent holds the other end: when it is gone, nobody wants this session any more.
  process.stdin.resume().once("end", stop).once("error", stop);
  await starting;
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  createLog().error("interpreter cannot start", { error: reason });
  process.exit(1);
});
