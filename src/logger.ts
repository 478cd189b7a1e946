import { type Logger, pino } from "pino";
import pretty from "pino-pretty";

/** How the log looks: one JSON line per request, or the same for people. */
export type LogFormat = "auto" | "pretty" | "json";

/** A logger that writes to standard output; `auto` is pretty on a terminal. */
export function createLogger(format: LogFormat, level: string): Logger {
  const people = format === "pretty" || (format === "auto" && process.stdout.isTTY === true);
  const options = { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime };
  if (!people) return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(options, pretty({ destination: 1, sync: true, colorize: process.stdout.isTTY === true }));
}
