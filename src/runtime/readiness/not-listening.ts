import { RuntimeError } from "../runtime.js";

/** Nothing listens on an instance's target port. */
export class NotListeningError extends RuntimeError {
  /** @param ports those that do listen */
  constructor(
    message: string,
    details: string,
    readonly ports: readonly number[],
  ) {
    super("not-listening", message, details);
  }
}
