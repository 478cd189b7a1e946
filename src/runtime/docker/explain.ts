import { type InstanceSpec, RuntimeError } from "../runtime.js";
import { engineError } from "./engine.js";

/** Codes with which Node says that nobody answered at the engine's address. */
const NOBODY_THERE = new Set(["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE", "EACCES"]);

/** The engine's errors in the words of the runtime. */
export function explain(
  error: unknown,
  context: { spec: InstanceSpec; relayImage: string; signal: AbortSignal },
): RuntimeError {
  if (error instanceof RuntimeError) return error;
  const { spec, relayImage, signal } = context;
  const { pool, image } = spec;
  if (signal.aborted) {
    return new RuntimeError("aborted", `pool '${pool}': the session ended while it was starting`);
  }
  const { status, message } = engineError(error);
  const because = { cause: error };
  if (status === 404 && /no such image/i.test(message)) {
    const text = message.includes(relayImage.split(":")[0] ?? "")
      ? `the image '${relayImage}' is missing: run npm run images`
      : `pool '${pool}': the engine has no image '${image}': build or pull it, or correct the pool's 'image'`;
    return new RuntimeError("image-missing", text, "", because);
  }
  if (NOBODY_THERE.has((error as NodeJS.ErrnoException).code ?? "")) {
    const text = `the Docker engine does not answer (${message}): is it running?`;
    return new RuntimeError("engine-unavailable", text, "", because);
  }
  if (/no space left on device/i.test(message)) {
    const text = `pool '${pool}': the engine's disk is full (${message}): docker system df tells what fills it`;
    return new RuntimeError("start-failed", text, "", because);
  }
  const text = `pool '${pool}': the engine could not start '${image}': ${message}`;
  return new RuntimeError("start-failed", text, "", because);
}
