import { ServiceError } from "../../../src/service/index.js";

/** The refusal that an action ends in; anything else it ends in fails the test. */
export function refusal(action: () => unknown): ServiceError {
  try {
    action();
  } catch (error) {
    if (error instanceof ServiceError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
