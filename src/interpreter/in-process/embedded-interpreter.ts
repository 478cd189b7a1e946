import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { configWithoutFile } from "../config/parse.js";
import type { Settings } from "../config/settings.js";
import { type Interpreter, startInterpreter } from "../interpreter.js";
import type { Log } from "../log.js";
import type { EmbeddedOrder } from "./order.js";
import { ThreadServer } from "./thread-server.js";

/** What a session's interpreter without a container is made from. */
export interface EmbeddedOptions {
  order: EmbeddedOrder;
  /** Bundle of the kernel. */
  program: string;
  log: Log;
  /** Called when no kernel can be had any more. */
  onHopeless?: (reason: Error) => void;
}

/** Starts the interpreter as it is in the images, with its kernel in a thread of this process. */
export async function startEmbedded({
  order,
  program,
  log,
  onHopeless,
}: EmbeddedOptions): Promise<Interpreter> {
  const { kernel, folder, memoryBytes, pyodideFolder, wheelsFolder, snapshotFolder } = order;
  const dataFolder = join(folder, "data");
  const homeFolder = join(folder, "home");
  await Promise.all([mkdir(dataFolder, { recursive: true }), mkdir(homeFolder, { recursive: true })]);
  const name = kernel === "python" ? "python3" : "javascript";
  const data = {
    dataFolder,
    homeFolder,
    memoryBytes,
    ...(pyodideFolder !== undefined && { pyodideFolder }),
    ...(wheelsFolder !== undefined && { wheelsFolder }),
    ...(snapshotFolder !== undefined && { snapshotFolder }),
  };
  const onEnded = (reason: string) => log.error("the kernel's thread has ended", { reason });
  return startInterpreter({
    settings: settingsFor(name),
    log,
    socketPath: order.socketPath,
    kernelServer: new ThreadServer({ name, language: kernel }, { program, data, onEnded }),
    dataFolder,
    ...(onHopeless && { onHopeless }),
  });
}

/** As the images' own configuration has it. Nothing is read from files or the environment. */
function settingsFor(kernelName: string): Settings {
  return {
    file: configWithoutFile(),
    warnings: [],
    port: 0,
    kernelName,
    asynchronous: "queued",
    defaultTimeoutSeconds: 120,
    jupyter: { socketPath: "", token: "" },
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    dialect: "auto",
    keepAnsi: false,
  };
}
