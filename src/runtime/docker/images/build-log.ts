import readline from "node:readline";
import type { Readable } from "node:stream";

/** One message of the engine while it builds or pulls (Engine API 1.41, `/build` and `/images/create`). */
interface EngineMessage {
  stream?: string;
  status?: string;
  id?: string;
  progress?: string;
  error?: string;
}

const STEP = /^Step (\d+)\/(\d+) : (.*)/s;
const KEPT_LINES = 20;
/** Colours and cursor movements. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
const TERMINAL_CODES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** Follows one build or pull of the engine and remembers where it is. */
export class BuildLog {
  step = 0;
  steps = 0;
  /** The instruction in work. */
  instruction = "";
  /** The last line that was printed. */
  lastLine = "";
  /** The engine's own words when it gave up. */
  error: string | undefined;
  private readonly kept: string[] = [];

  constructor(private readonly onStep: (log: BuildLog) => void) {}

  /** Reads until the engine has finished. Rejects when the connection breaks. */
  async follow(stream: NodeJS.ReadableStream): Promise<void> {
    const lines = readline.createInterface({
      input: stream as Readable,
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    // readline does not pass on an error of its input.
    const broken = new Promise<never>((_, reject) => stream.once("error", reject));
    const read = async (): Promise<void> => {
      for await (const line of lines) if (line.trim() !== "") this.take(JSON.parse(line) as EngineMessage);
    };
    await Promise.race([read(), broken]);
  }

  /** The last lines that the build printed. */
  tail(): string {
    return this.kept.join("\n");
  }

  private take(message: EngineMessage): void {
    if (message.error !== undefined) this.error = message.error.trim();
    const step = STEP.exec(message.stream ?? "");
    if (step) {
      this.step = Number(step[1]);
      this.steps = Number(step[2]);
      this.instruction = String(step[3]).trim();
      this.onStep(this);
    }
    const text = message.stream ?? [message.id, message.status, message.progress].filter(Boolean).join(" ");
    for (const line of text.replace(TERMINAL_CODES, "").split(/[\r\n]+/)) {
      if (line.trim() === "") continue;
      this.lastLine = line.trim();
      this.kept.push(line.trimEnd());
      if (this.kept.length > KEPT_LINES) this.kept.shift();
    }
  }
}
