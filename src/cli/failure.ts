import { ConfigError, formatIssue } from "../config/config-error.js";

/** The emulator's own end, as the process reports it. */
export const exitCodes = { stopped: 0, failed: 1, usage: 2 } as const;

/** Ends a command that has said all it has to say with an exit code other than 0. */
export class CommandEnd extends Error {
  override readonly name = "CommandEnd";
  constructor(readonly exitCode: number) {
    super(`exit code ${exitCode}`);
  }
}

/** What a failure says and the exit code that it ends with. */
export interface FailureReport {
  lines: string[];
  exitCode: number;
}

/**
 * A failure in plain lines: one for each wrong setting, one for anything else, never a stack trace unless `debug`.
 * Log lines of a session that failed to start (an error's `details`) follow, marked.
 */
export function describeFailure(error: unknown, debug: boolean): FailureReport {
  if (error instanceof CommandEnd) return { lines: [], exitCode: error.exitCode };
  const stack = debug && error instanceof Error && error.stack ? error.stack.split("\n") : [];
  if (error instanceof ConfigError) {
    return {
      lines: [...error.issues.map((issue) => `error: ${formatIssue(issue)}`), ...stack],
      exitCode: exitCodes.usage,
    };
  }
  const details = error instanceof Error && "details" in error ? String(error.details).trim() : "";
  const log = details === "" ? [] : details.split("\n").map((line) => `  | ${line.trimEnd()}`);
  return { lines: [`error: ${messageOf(error)}`, ...log, ...stack], exitCode: exitCodes.failed };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  const place = `${address ?? "the address"}${port === undefined ? "" : ` port ${port}`}`;
  switch (code) {
    case "EADDRINUSE":
      return `--port: ${place} is in use. Stop the program that listens there, or give another --port; 0 takes any free one.`;
    case "EACCES":
      return port === undefined
        ? error.message
        : `--port: ${place} needs more rights. Give a --port above 1023.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return `--host: ${address ?? error.message} is not an address of this machine. Use 127.0.0.1, or 0.0.0.0 for all.`;
    default:
      return error.message.replaceAll(/\s*\n\s*/g, " ") || error.name;
  }
}
