import { AssertionError } from "node:assert";

/**
 * Prints one line per step, `ok NAME` or `not ok NAME: REASON`, for the program that runs the clients. A step
 * that fails does not keep the next one from running; the exit code tells it at the end.
 * @param {string} client
 */
export function stepsOf(client) {
  return async (name, body) => {
    try {
      await body();
      process.stdout.write(`ok ${client}: ${name}\n`);
    } catch (error) {
      process.exitCode = 1;
      process.stdout.write(`not ok ${client}: ${name}: ${reasonOf(error)}\n`);
    }
  };
}

function reasonOf(error) {
  const text =
    error instanceof AssertionError && error.generatedMessage
      ? `expected ${JSON.stringify(error.expected)}, got ${JSON.stringify(error.actual)}`
      : String(error instanceof Error ? error.message : error);
  return text.replace(/\s+/g, " ").slice(0, 1000);
}
