import { Buffer } from "node:buffer";
import { StringDecoder } from "node:string_decoder";

/** The first writes of a run go out at once; a program that prints in a loop would spend its time on sending. */
const AT_ONCE = 100;
/** Later ones are collected for so long, in milliseconds, or until there are so many characters. */
const LONGEST_WAIT_MS = 50;
const MOST_CHARACTERS = 64 * 1024;

type Name = "stdout" | "stderr";

/** What the code writes, as pieces of text in the order of writing. */
export class Output {
  private readonly decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  private pending = "";
  private name: Name = "stdout";
  private writes = 0;
  private sent = 0;

  constructor(private readonly send: (name: Name, text: string) => void) {}

  /** A new run begins. */
  begin(): void {
    this.flush();
    this.writes = 0;
  }

  write(name: Name, bytes: Uint8Array): void {
    if (name !== this.name) this.flush();
    this.name = name;
    this.pending += this.decoders[name].write(Buffer.from(bytes));
    this.writes += 1;
    const waited = performance.now() - this.sent;
    if (this.writes <= AT_ONCE || waited >= LONGEST_WAIT_MS || this.pending.length >= MOST_CHARACTERS)
      this.flush();
  }

  flush(): void {
    const text = this.pending;
    this.pending = "";
    this.sent = performance.now();
    if (text !== "") this.send(this.name, text);
  }
}
