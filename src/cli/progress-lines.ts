import type { CliContext } from "./context.js";

/** Takes the lines of a work that lasts, for a person who waits. */
export interface ProgressLines {
  line(text: string): void;
  /** Leaves the screen as a plain print would find it. */
  end(): void;
}

const BAR_CELLS = 20;
const ERASE_LINE = "\r\u001b[K";
/** `python: step 3/12  RUN pip install … (3.4 s)` */
const STEP = /^(?<what>\S+): step (?<done>\d+)\/(?<all>\d+)\s+(?<text>.*)$/;
/** `my-byoc:dev: 40 % of 120 MB pulled` */
const SHARE = /^(?<what>\S+): (?<done>\d+) % (?<text>.*)$/;

/**
 * Shows the lines of image builds, pulls and starts. Without a terminal each is printed as it is. On a terminal a
 * line that says how far a work is becomes a bar, drawn in place like an indented line; the others stay.
 * @param print takes the lines that stay
 */
export function progressLines(
  { terminal }: Pick<CliContext, "terminal">,
  print: (line: string) => void,
): ProgressLines {
  if (!terminal) return { line: print, end: () => undefined };
  let drawn = false;
  const erase = () => {
    if (drawn) terminal.write(ERASE_LINE);
    drawn = false;
  };
  return {
    line: (text) => {
      // An indented line is a detail of the one before, of no use once it is over.
      const passing = barOf(text) ?? (text.startsWith("  ") ? text : undefined);
      erase();
      if (passing === undefined) {
        print(text);
        return;
      }
      // A line that wraps could not be erased.
      terminal.write(passing.slice(0, Math.max(0, terminal.columns() - 1)));
      drawn = true;
    },
    end: erase,
  };
}

function barOf(line: string): string | undefined {
  const step = STEP.exec(line)?.groups;
  // The step in work is not done yet.
  if (step) return draw(step, (Number(step.done) - 1) / Number(step.all), `${step.done}/${step.all}`);
  const share = SHARE.exec(line)?.groups;
  return share && draw(share, Number(share.done) / 100, `${share.done} %`);
}

function draw(parts: Record<string, string>, share: number, number: string): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  const cells = "█".repeat(full) + "░".repeat(BAR_CELLS - full);
  return `${parts.what} ${cells} ${number}  ${parts.text}`;
}
