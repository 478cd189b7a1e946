/** How two things are compared. */
export interface Comparison {
  /** Rounds that count. */
  rounds: number;
  /** Rounds before them that do not. */
  warmUp: number;
  /** Gives one sample. */
  floor(): Promise<number>;
  measured(): Promise<number>;
  /** Puts things back before every sample; its time does not count. */
  between?(): Promise<unknown>;
}

/**
 * Samples of both, in turn, so that whatever else the machine does falls on both alike. The one that begins
 * changes with every round.
 */
export async function interleave(
  comparison: Comparison,
): Promise<{ floorSamples: number[]; measuredSamples: number[] }> {
  const { rounds, warmUp, floor, measured, between } = comparison;
  const floorSamples: number[] = [];
  const measuredSamples: number[] = [];
  for (let round = -warmUp; round < rounds; round += 1) {
    const turns = [
      { sample: floor, into: floorSamples },
      { sample: measured, into: measuredSamples },
    ];
    if (round % 2 !== 0) turns.reverse();
    for (const { sample, into } of turns) {
      await between?.();
      const value = await sample();
      if (round >= 0) into.push(value);
    }
  }
  return { floorSamples, measuredSamples };
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
