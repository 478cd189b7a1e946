import type { ImageName } from "./catalog.js";

/** What happens while images are built. Times are milliseconds since the work on that image began. */
export type ImageProgress = { image: ImageName; elapsedMs: number } & (
  | { kind: "unchanged" | "built" }
  /** The engine fetches what the image builds from. */
  | { kind: "pull"; text: string }
  /** The engine begins one instruction of the Dockerfile. */
  | { kind: "step"; step: number; steps: number; text: string }
  /** The step goes on; `text` is the last line that it printed. */
  | { kind: "still"; step: number; steps: number; text: string }
);

const COMMAND_WIDTH = 88;

/** One line for a terminal or a log. */
export function formatImageProgress(progress: ImageProgress): string {
  const time = `${(progress.elapsedMs / 1_000).toFixed(1)} s`;
  const head = `${progress.image}: `;
  switch (progress.kind) {
    case "unchanged":
      return `${head}up to date`;
    case "built":
      return `${head}built in ${time}`;
    case "pull":
      return `${head}${shorten(progress.text)} (${time})`;
    case "step":
      return `${head}step ${progress.step}/${progress.steps}  ${shorten(progress.text)} (${time})`;
    case "still":
      return `${head}step ${progress.step}/${progress.steps}  … ${shorten(progress.text)} (${time})`;
  }
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > COMMAND_WIDTH ? `${line.slice(0, COMMAND_WIDTH - 1)}…` : line;
}
