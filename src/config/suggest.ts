/**
 * The candidate that the user most likely meant, or undefined when none is near:
 * letter case aside, at most a third of the letters may differ.
 */
export function suggest(typed: string, candidates: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (!best) return undefined;
  const allowed = Math.max(1, Math.floor(Math.max(typed.length, best.candidate.length) / 3));
  return best.distance <= allowed ? best.candidate : undefined;
}

/** What to write instead of a word that is not known: the near one, or else all that are allowed. */
export function correction(typed: string, allowed: readonly string[]): string {
  const near = suggest(typed, allowed);
  return near === undefined ? `Allowed: ${allowed.join(", ")}.` : `Did you mean ${near}?`;
}

/** Edits between two words: a letter more, less, or other, and two neighbours swapped (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY;
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    rows.push(current);
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + (same ? 0 : 1),
        swapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
  }
  return at(a.length, b.length);
}
