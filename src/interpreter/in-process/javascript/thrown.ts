import { shown } from "./inspect.js";

/** What a run threw, as Jupyter's `error` says it. */
export interface Thrown {
  ename: string;
  evalue: string;
  traceback: string[];
}

/** Stops code that waits for something, while the session's variables stay. */
export class Interrupted extends Error {
  override readonly name = "KeyboardInterrupt";
}

/** Name, message and stack of whatever was thrown; frames of the kernel itself are left out. Never throws. */
export function describeThrown(thrown: unknown): Thrown {
  try {
    if (!(thrown instanceof Error)) {
      const value = shown(thrown);
      return { ename: "Error", evalue: value, traceback: [`Uncaught ${value}`] };
    }
    const [ename, evalue] = [String(thrown.name), String(thrown.message)];
    const cause = thrown.cause === undefined ? [] : [`Caused by: ${causeOf(thrown.cause)}`];
    return { ename, evalue, traceback: [ownFrames(thrown, `${ename}: ${evalue}`), ...cause] };
  } catch {
    return {
      ename: "Error",
      evalue: "the error cannot be shown",
      traceback: ["Error: the error cannot be shown"],
    };
  }
}

function causeOf(cause: unknown): string {
  return cause instanceof Error ? ownFrames(cause, `${cause.name}: ${cause.message}`) : shown(cause);
}

function ownFrames(error: Error, head: string): string {
  const { stack } = error;
  if (typeof stack !== "string") return head;
  const lines = stack.split("\n");
  const frames = lines.filter((line) => /^\s+at /.test(line) && !/javascript-kernel\.mjs|node:/.test(line));
  const words = lines.filter((line) => !/^\s+at /.test(line)).join("\n") || head;
  return [words, ...frames].join("\n");
}
