/** Why an upload was refused; `tooLarge` is HTTP 413, everything else HTTP 400. */
export type UploadProblem =
  | "notMultipart"
  | "malformed"
  | "noFile"
  | "severalFiles"
  | "badName"
  | "tooLarge"
  | "aborted";

/** A multipart upload that cannot be accepted. The message says what was wrong and what to send instead. */
export class UploadError extends Error {
  override readonly name = "UploadError";
  constructor(
    readonly problem: UploadProblem,
    message: string,
  ) {
    super(message);
  }
}
