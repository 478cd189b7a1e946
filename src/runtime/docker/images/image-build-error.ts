/** An image could not be built. `message` is one line for a person; `details` holds the build's last lines. */
export class ImageBuildError extends Error {
  override readonly name = "ImageBuildError";
  constructor(
    message: string,
    readonly details: string = "",
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
