/**
 * What one probe found: an HTTP answer, an open TCP connection, nobody listening (or a connection closed
 * without an answer), or a listener that stays silent.
 */
export type ProbeOutcome =
  | { kind: "answered"; status: number }
  | { kind: "open" }
  | { kind: "refused" }
  | { kind: "silent" };

/** The outcome in words, for error messages. */
export function describeOutcome(outcome: ProbeOutcome): string {
  switch (outcome.kind) {
    case "answered":
      return `answered HTTP ${outcome.status}`;
    case "open":
      return "accepted the connection";
    case "refused":
      return "did not answer (nobody listens, or the connection was closed at once)";
    case "silent":
      return "accepted the connection but stayed silent";
  }
}
