import type { Spread } from "./statistics.js";

/** What a goal is judged by. */
export interface Measured {
  measured: Spread;
  floor: Spread | undefined;
}

/** Something that a measurement should be. */
export interface Goal {
  text: string;
  /** False, too, when it needs a floor and there is none. */
  isMet(result: Measured): boolean;
}

/** p50 of the measured over p50 of the floor; undefined without a floor. */
export function ratioOf({ measured, floor }: Measured): number | undefined {
  return floor && measured.p50 / floor.p50;
}

/** The measured p50 is at most so many times the floor's. */
export function ratioAtMost(limit: number): Goal {
  return {
    text: `≤ ${limit} ×`,
    isMet: (result) => (ratioOf(result) ?? Number.POSITIVE_INFINITY) <= limit,
  };
}

/** The measured p50 is above the floor's by at most so much. */
export function overFloorAtMost(limit: number, unit: string): Goal {
  return {
    text: `≤ floor + ${limit} ${unit}`,
    isMet: ({ measured, floor }) => floor !== undefined && measured.p50 - floor.p50 <= limit,
  };
}

export function p50AtMost(limit: number, unit: string): Goal {
  return { text: `p50 ≤ ${limit} ${unit}`, isMet: ({ measured }) => measured.p50 <= limit };
}

export function p95AtMost(limit: number, unit: string): Goal {
  return { text: `p95 ≤ ${limit} ${unit}`, isMet: ({ measured }) => measured.p95 <= limit };
}
