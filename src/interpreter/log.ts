const LEVELS = ["debug", "info", "warn", "error"] as const;

/** How serious a line is; the order is that of `spec.logging.logLevel` (0 to 3). */
export type LogLevel = (typeof LEVELS)[number];

/** One canonical line per event: a message and its fields. */
export type Log = Record<LogLevel, (message: string, fields?: Record<string, unknown>) => void>;

/** Writes JSON lines to `write` (standard output by default). `minimum` as `spec.logging.logLevel`. */
export function createLog(
  options: { minimum?: number; isoDates?: boolean; write?: (line: string) => void } = {},
): Log {
  const { minimum = 1, isoDates = true, write = (line) => process.stdout.write(line) } = options;
  const at =
    (level: LogLevel) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      if (LEVELS.indexOf(level) < minimum) return;
      const now = new Date();
      const time = isoDates ? now.toISOString() : now.getTime();
      write(`${JSON.stringify({ time, level, message, ...fields })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A log that says nothing. */
export const silentLog: Log = createLog({ minimum: LEVELS.length });
