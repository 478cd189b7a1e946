/** One message of the engine while it pulls (Engine API 1.41, `/images/create`). */
export interface PullEvent {
  /** The layer. */
  id?: string;
  status?: string;
  progress?: string;
  /** Bytes. */
  progressDetail?: { current?: number; total?: number };
}

/** A log would drown in more lines. */
const SAY_EVERY_PERCENT = 5;

/** How much of an image has been fetched, over all layers whose size is known by now. */
export class PulledShare {
  private readonly layers = new Map<string, { current: number; total: number }>();
  private said = 0;

  constructor(private readonly reference: string) {}

  /** @returns `my-byoc:dev: 40 % of 120 MB pulled` whenever that has changed enough to be worth a line */
  take({ id, status, progressDetail }: PullEvent): string | undefined {
    if (id === undefined) return undefined;
    const known = this.layers.get(id);
    if (status === "Downloading" && progressDetail?.total) {
      this.layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
    } else if (known && (status === "Download complete" || status === "Pull complete")) {
      this.layers.set(id, { current: known.total, total: known.total });
    } else {
      return undefined;
    }
    let current = 0;
    let total = 0;
    for (const layer of this.layers.values()) {
      current += layer.current;
      total += layer.total;
    }
    const percent = Math.floor((100 * current) / total);
    // A layer that was not known before may set the share back; that is not worth a line.
    if (percent < this.said + SAY_EVERY_PERCENT) return undefined;
    this.said = percent;
    return `${this.reference}: ${percent} % of ${Math.max(1, Math.round(total / 1e6))} MB pulled`;
  }
}
