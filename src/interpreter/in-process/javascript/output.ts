import { Console } from "node:console";
import { Writable } from "node:stream";
import { inspectOptions } from "./inspect.js";

/** Names of a kernel's streams. */
export type StreamName = "stdout" | "stderr";

/** Text is handed on when it is this long, and when it has waited this long while more is written. */
const FLUSH_CHARACTERS = 16 * 1024;
const FLUSH_AFTER_MS = 50;

/** What the user's code writes, in the order of writing, in messages of a sensible size. */
export class Output {
  private waiting = "";
  private name: StreamName = "stdout";
  private since = 0;
  private scheduled = false;
  private readonly setTimeout = globalThis.setTimeout;

  /** @param send hands a piece on */
  constructor(private readonly send: (name: StreamName, text: string) => void) {}

  write(name: StreamName, text: string): void {
    if (text === "") return;
    if (name !== this.name) this.flush();
    const now = performance.now();
    if (this.waiting === "") this.since = now;
    this.name = name;
    this.waiting += text;
    if (this.waiting.length >= FLUSH_CHARACTERS || now - this.since >= FLUSH_AFTER_MS) this.flush();
    else this.schedule();
  }

  /** Hands on what waits. */
  flush(): void {
    const { name, waiting } = this;
    this.waiting = "";
    if (waiting !== "") this.send(name, waiting);
  }

  /** A stream to write to. */
  stream(name: StreamName): Writable {
    return new Writable({
      decodeStrings: false,
      write: (chunk: string | Buffer, _encoding, done) => {
        this.write(name, String(chunk));
        done();
      },
    });
  }

  /** A `console` that writes here. */
  console(): Console {
    const [stdout, stderr] = [this.stream("stdout"), this.stream("stderr")];
    return new Console({ stdout, stderr, inspectOptions: inspectOptions() });
  }

  /** Output of code that goes on after its run (timers) must not wait for the next one. */
  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.setTimeout(() => {
      this.scheduled = false;
      this.flush();
    }, FLUSH_AFTER_MS).unref();
  }
}
