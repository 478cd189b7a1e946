/** Why no answer came out of a container. */
export type ForwardErrorKind =
  /** No connection could be opened: nobody listens. */
  | "refused"
  /**
   * The connection was closed before the first byte of an answer. With a relay in between this is also
   * what "nobody listens on the target port" looks like.
   */
  | "closed-early"
  /** Connecting took too long, or the caller's signal was a timeout. */
  | "timeout"
  /** What came back is not HTTP/1. */
  | "protocol"
  /** The caller's signal ended the request. */
  | "aborted";

const MESSAGES: Record<ForwardErrorKind, string> = {
  refused:
    "No connection to the container's target port. Check that the program in the container listens on the pool's targetPort.",
  "closed-early":
    "The container closed the connection before it answered. Check that its program listens on the pool's targetPort, and read the container's log for a crash.",
  timeout: "The container did not answer in time. Read its log for what it is doing.",
  protocol:
    "The container answered with something that is not HTTP/1.x. Check that the pool's targetPort is the port of its HTTP server.",
  aborted: "The request was ended before the container answered.",
};

/**
 * The container gave no answer and nothing of one was written to the client, so the caller is free to
 * render an error of its own. `cause` holds the error of the connection.
 */
export class ForwardError extends Error {
  override readonly name = "ForwardError";

  constructor(
    readonly kind: ForwardErrorKind,
    cause?: unknown,
  ) {
    const detail = cause instanceof Error ? ` (${cause.message})` : "";
    super(`${MESSAGES[kind]}${detail}`, { cause });
  }

  /** Sorts an error of `node:http` or `node:net`. */
  static from(cause: unknown): ForwardError {
    if (cause instanceof ForwardError) return cause;
    return new ForwardError(kindOf(cause), cause);
  }

  /** Sorts the reason of an aborted signal. */
  static fromSignal(signal: AbortSignal): ForwardError {
    const reason: unknown = signal.reason;
    const timedOut = reason instanceof Error && reason.name === "TimeoutError";
    return new ForwardError(timedOut ? "timeout" : "aborted", reason);
  }
}

/** The system's or Node's code of an error, `""` when it has none. */
export function errorCode(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}

function kindOf(error: unknown): ForwardErrorKind {
  const code = errorCode(error);
  if (code === "ETIMEDOUT") return "timeout";
  if (error instanceof Error && "syscall" in error && error.syscall === "connect") return "refused";
  if (code.startsWith("HPE_") || code.startsWith("ERR_")) return "protocol";
  return "closed-early";
}
