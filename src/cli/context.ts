import type { startEmulator } from "../emulator.js";

/** What a command may touch outside itself. The real one is made in main.ts. */
export interface CliContext {
  environment: Readonly<Record<string, string | undefined>>;
  workingDirectory: string;
  /** Writes one line to standard output. */
  print(line: string): void;
  /** Writes one line to standard error. */
  printError(line: string): void;
  /** Calls back on SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  onSignal(callback: (signal: NodeJS.Signals) => void): () => void;
  /** Calls back on an error that nothing caught, until the returned function is called. */
  onCrash(callback: (error: unknown) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Loaded on demand, so that `--help` and a wrong option answer quickly. */
  loadEmulator(): Promise<typeof startEmulator>;
}
