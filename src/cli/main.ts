#!/usr/bin/env node
import type { CliContext } from "./context.js";
import { run } from "./run.js";

const stopSignals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Long enough for output to reach a slow pipe, should something keep the process from ending by itself. */
const lingerMs = 1_000;

const context: CliContext = {
  environment: process.env,
  workingDirectory: process.cwd(),
  print: (line) => void process.stdout.write(`${line}\n`),
  printError: (line) => void process.stderr.write(`${line}\n`),
  terminal: process.stderr.isTTY
    ? {
        columns: () => process.stderr.columns || 80,
        write: (text) => void process.stderr.write(text),
      }
    : undefined,
  interactive: process.stdin.isTTY === true,
  onSignal: (callback) => {
    for (const signal of stopSignals) process.on(signal, callback);
    return () => {
      for (const signal of stopSignals) process.off(signal, callback);
    };
  },
  onCrash: (callback) => {
    process.on("uncaughtException", callback);
    return () => process.off("uncaughtException", callback);
  },
  exit: (code) => process.exit(code),
  loadEmulator: async () => (await import("../emulator.js")).startEmulator,
};

// Whoever read the output may be gone before the sessions are removed.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

process.exitCode = await run(process.argv.slice(2), context);
setTimeout(() => process.exit(), lingerMs).unref();
