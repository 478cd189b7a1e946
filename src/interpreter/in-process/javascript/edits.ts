/** Replacements in a text, by the positions of the original. */
export class Edits {
  private readonly list: { start: number; end: number; text: string; order: number }[] = [];

  constructor(private readonly source: string) {}

  replace(start: number, end: number, text: string): void {
    this.list.push({ start, end, text, order: this.list.length });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Spaces instead of a stretch; what follows keeps its line and column. */
  blank(start: number, end: number): void {
    this.replace(start, end, this.source.slice(start, end).replaceAll(/[^\n\r]/g, " "));
  }

  /** The edited text. Of two that overlap, the one that begins first counts and the other is dropped. */
  toString(): string {
    const sorted = this.list.sort((a, b) => a.start - b.start || a.end - b.end || a.order - b.order);
    let result = "";
    let at = 0;
    for (const { start, end, text } of sorted) {
      if (start < at) continue;
      result += this.source.slice(at, start) + text;
      at = end;
    }
    return result + this.source.slice(at);
  }
}
