import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One line about what a script is doing, on standard error: standard output belongs to what it runs. */
export function say(line) {
  process.stderr.write(`[dynamic-sessions] ${line}\n`);
}

/** A failure that a person can act on: its message alone is shown, without a stack trace. */
export class ScriptError extends Error {
  /** @param {string} message one or more lines @param {number} exitCode */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a script's body and turns its failure into plain lines and an exit code. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    if (error instanceof ScriptError) {
      for (const line of error.message.split("\n")) say(line);
      process.exitCode = error.exitCode;
    } else {
      throw error;
    }
  }
}
