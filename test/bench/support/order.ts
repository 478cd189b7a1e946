/** What the words after `npm run bench --` ask for. */
export interface Order {
  rows: string[];
  /** Write the results to `docs/benchmarks.md`. */
  write: boolean;
  /** Only name the rows. */
  list: boolean;
}

/** The order cannot be carried out; `message` says what to write instead. */
export class OrderError extends Error {
  override readonly name = "OrderError";
}

/**
 * Reads the words; none means every row.
 * @throws OrderError for a word that is neither a row nor an option, and for `--write` with a part of the rows
 */
export function readOrder(words: readonly string[], known: readonly string[]): Order {
  const options = words.filter((word) => word.startsWith("-"));
  const named = words.filter((word) => !word.startsWith("-"));
  const wrong =
    options.find((word) => word !== "--write" && word !== "--list") ??
    named.find((word) => !known.includes(word));
  if (wrong !== undefined) {
    throw new OrderError(
      `'${wrong}' is neither --write nor --list nor a row; the rows are ${known.join(", ")}`,
    );
  }
  const write = options.includes("--write");
  if (write && named.length > 0) {
    throw new OrderError("--write replaces the whole table, so it measures every row: name none beside it");
  }
  const rows = named.length > 0 ? known.filter((name) => named.includes(name)) : [...known];
  return { rows, write, list: options.includes("--list") };
}
