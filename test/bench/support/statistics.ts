/** What remains of a series of samples. */
export interface Spread {
  count: number;
  p50: number;
  p95: number;
  max: number;
}

/**
 * The spread of samples by the nearest rank, so that every number was really measured.
 * @throws Error without samples
 */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p50, p95, max] = [at(0.5), at(0.95), at(1)];
  if (p50 === undefined || p95 === undefined || max === undefined) throw new Error("there are no samples");
  return { count: sorted.length, p50, p95, max };
}
