import type { startEmulator } from "../emulator.js";

/** A screen. */
export interface Terminal {
  /** Characters in a line at the moment. */
  columns(): number;
  /** Writes as is, without a line end. */
  write(text: string): void;
}

/** What a command may touch outside itself. The real one is made in main.ts. */
export interface CliContext {
  environment: Readonly<Record<string, string | undefined>>;
  workingDirectory: string;
  /** Writes one line to standard output. */
  print(line: string): void;
  /** Writes one line to standard error. */
  printError(line: string): void;
  /** Standard error when it is a terminal: what goes on is drawn there again and again on one line. */
  terminal: Terminal | undefined;
  /** Whether a person types at the terminal that this process belongs to. */
  interactive: boolean;
  /** Calls back on SIGINT, SIGTERM and SIGHUP until the returned function is called. */
  onSignal(callback: (signal: NodeJS.Signals) => void): () => void;
  /** Calls back on an error that nothing caught, until the returned function is called. */
  onCrash(callback: (error: unknown) => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Loaded on demand, so that `--help` and a wrong option answer quickly. */
  loadEmulator(): Promise<typeof startEmulator>;
}
