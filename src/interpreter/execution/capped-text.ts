const SURROGATE = /[\ud800-\udfff]/;

/**
 * Text that keeps its first `limit` characters and forgets the rest as it arrives, so that a program that
 * prints gigabytes costs no memory (byoc 7.6). Characters are Unicode code points; no marker is added at the
 * cut (recordings E8).
 */
export class CappedText {
  private readonly parts: string[] = [];
  private room: number;

  constructor(readonly limit: number) {
    this.room = limit;
  }

  append(text: string): void {
    if (this.room <= 0 || text === "") return;
    const kept = firstCharacters(text, this.room);
    this.parts.push(kept.text);
    this.room -= kept.count;
  }

  /** Whether anything more would be discarded. */
  get isFull(): boolean {
    return this.room <= 0;
  }

  toString(): string {
    return this.parts.join("");
  }
}

/** The first `count` characters of `text`; never cuts a character in two. */
export function firstCharacters(text: string, count: number): { text: string; count: number } {
  // Slicing first bounds the work: `count` characters take at most twice as many code units.
  const candidate = text.length > count * 2 ? text.slice(0, count * 2) : text;
  if (!SURROGATE.test(candidate)) {
    // The copy lets the engine free the long original, of which a slice would be a view.
    const kept = candidate.slice(0, count);
    return { text: kept.length < text.length ? Buffer.from(kept).toString() : kept, count: kept.length };
  }
  const characters = Array.from(candidate).slice(0, count);
  return { text: characters.join(""), count: characters.length };
}
