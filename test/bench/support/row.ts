import type Docker from "dockerode";
import type { Goal } from "./goals.js";

/** A series of samples and what they are samples of. */
export interface Series {
  what: string;
  samples: readonly number[];
}

/** One line of the table: something measured, beside the least that it could be. */
export interface Line {
  /** What was measured. */
  what: string;
  unit: "ms" | "µs" | "MiB";
  samples: readonly number[];
  /** The same without the project, measured in the same run; absent where there is no such thing. */
  floor?: Series;
  /** None: reported only. */
  goals: readonly Goal[];
  /** What a reader must know beside the numbers. */
  note?: string;
}

/** What rows measure with. */
export interface BenchContext {
  docker: Docker;
  /** Engine's address, as `DOCKER_HOST` writes it. */
  dockerHost: string;
  /** A folder of this run's own; removed afterwards. */
  folder: string;
  /** Called after the row, the last one first, also when the row or the whole run is broken off. */
  onEnd(undo: () => Promise<unknown>): void;
  /** One line for a person who waits. */
  say(line: string): void;
}

/** One row of the bench; it may take several lines of the table. */
export interface Row {
  /** As on the command line. */
  name: string;
  measure(context: BenchContext): Promise<Line[]>;
}
