import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

/** How the log looks: one JSON line per request, or the same for people. */
export type LogFormat = "auto" | "pretty" | "json";

/** A logger that writes to standard output, or to standard error; `auto` is pretty on a terminal. */
export function createLogger(
  format: LogFormat,
  level: string,
  output: "stdout" | "stderr" = "stdout",
): Logger {
  const { fd, isTTY } = process[output];
  const people = format === "pretty" || (format === "auto" && isTTY === true);
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  if (!people) return pino(options, pino.destination({ dest: fd, sync: true }));
  return pino(options, pretty({ destination: fd, sync: true, colorize: isTTY === true }));
}
