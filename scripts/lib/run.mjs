import { spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "./project.mjs";

const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program in the repository's root, its input and output being this process's own, and waits for its end.
 * A signal that reaches this process alone is passed on.
 * @param {string} program
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} [options]
 * @returns {Promise<number>} the exit code; 128 + the signal's number when a signal ended it; 127 when it is not there
 */
export function run(program, args, options = {}) {
  const child = spawn(program, args, { cwd: root, stdio: "inherit", ...options });
  const passOn = (signal) => {
    // The terminal has sent Ctrl+C to the child already.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of stopSignals) process.on(signal, passOn);
  return new Promise((resolve, reject) => {
    child.once("error", (error) => (error.code === "ENOENT" ? resolve(127) : reject(error)));
    child.once("exit", (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
  }).finally(() => {
    for (const signal of stopSignals) process.off(signal, passOn);
  });
}

/** Runs a Node program of the repository or its dependencies. */
export function runNode(script, args, options) {
  return run(process.execPath, [script, ...args], options);
}
