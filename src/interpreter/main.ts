import { ConfigError } from "./config/parse.js";
import { readSettings, type Settings } from "./config/settings.js";
import { startInterpreter } from "./interpreter.js";
import { createLog } from "./log.js";

/** The program inside a session's container: reads the environment, starts, stops on a signal. */
async function main(): Promise<void> {
  const settings = settingsOrExit();
  const { logLevel, useISO8601DateFormat } = settings.file.spec.logging;
  const log = createLog({ minimum: logLevel, isoDates: useISO8601DateFormat });
  const interpreter = await startInterpreter({
    settings,
    log,
    onHopeless: (reason) => {
      log.error("no kernel can be had, ending the session", { error: reason.message });
      // The pool replaces a container that has ended (byoc 7.5). Waiting calls get their answer first.
      setTimeout(() => process.exit(1), 200);
    },
  });
  const stop = () => void interpreter.close().finally(() => process.exit(0));
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    createLog().error("configuration cannot be used", { error: error.message });
    return process.exit(1);
  }
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  createLog().error("interpreter cannot start", { error: reason });
  process.exit(1);
});
