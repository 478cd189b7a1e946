import type { CliContext } from "../../../src/cli/context.js";
import type { Emulator, StartOptions } from "../../../src/emulator.js";

/** A command line's surroundings that keep what was written, with an emulator in place that runs no session. */
export class RecordingContext implements CliContext {
  environment: Record<string, string | undefined> = {};
  terminal: CliContext["terminal"];
  interactive = false;
  workingDirectory = "/nowhere-in-particular";
  readonly printed: string[] = [];
  readonly errors: string[] = [];
  readonly exits: number[] = [];
  readonly started: StartOptions[] = [];
  closed = 0;
  /** Replaces the start when set, to let it fail or wait. */
  starting: () => Promise<void> = async () => undefined;
  private readonly signals = new Set<(signal: NodeJS.Signals) => void>();
  private readonly crashes = new Set<(error: unknown) => void>();

  print = (line: string) => void this.printed.push(line);
  printError = (line: string) => void this.errors.push(line);
  exit = (code: number) => void this.exits.push(code);
  onSignal = (callback: (signal: NodeJS.Signals) => void) => {
    this.signals.add(callback);
    return () => void this.signals.delete(callback);
  };
  onCrash = (callback: (error: unknown) => void) => {
    this.crashes.add(callback);
    return () => void this.crashes.delete(callback);
  };
  loadEmulator = async () => async (options: StartOptions) => {
    this.started.push(options);
    await this.starting();
    return this.emulatorFor(options);
  };

  /** As the operating system does. */
  signal(signal: NodeJS.Signals): void {
    for (const callback of this.signals) callback(signal);
  }

  /** As an error in a callback does. */
  crash(error: unknown): void {
    for (const callback of this.crashes) callback(error);
  }

  /** How many callbacks are still waiting for a signal or a crash. */
  get listeners(): number {
    return this.signals.size + this.crashes.size;
  }

  private emulatorFor(options: StartOptions): Emulator {
    const url = `http://localhost:${options.port}`;
    return {
      url,
      runtime: "docker",
      reason: "Docker 28.0 at /var/run/docker.sock",
      notes: [],
      pools: options.pools.map(({ name, containerType }) => ({
        name,
        containerType,
        endpoint: `${url}/arm/${name}`,
        alias: `${url}/pools/${name}`,
      })),
      close: async () => void this.closed++,
    };
  }
}
