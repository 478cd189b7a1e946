/** The pool holds `maxConcurrentSessions` sessions and the identifier is new. */
export class PoolFullError extends Error {
  override readonly name = "PoolFullError";
  constructor(
    readonly pool: string,
    readonly identifier: string,
    readonly active: number,
    readonly maximum: number,
  ) {
    super(
      `pool '${pool}' holds ${active} sessions, its maximum is ${maximum}: wait for a cooldown, stop a session, or raise maxConcurrentSessions`,
    );
  }
}

/** The pool is shutting down and takes no more requests. */
export class PoolClosedError extends Error {
  override readonly name = "PoolClosedError";
  constructor(readonly pool: string) {
    super(`pool '${pool}' is shutting down`);
  }
}
