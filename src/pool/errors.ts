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

/** So many requests wait for an allocation that one more would only wait in vain. */
export class PoolBusyError extends Error {
  override readonly name = "PoolBusyError";
  constructor(
    readonly pool: string,
    readonly waiting: number,
  ) {
    super(`${waiting} requests wait for a session of pool '${pool}' already: try again later`);
  }
}
