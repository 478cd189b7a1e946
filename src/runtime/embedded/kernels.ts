import { type InstanceSpec, RuntimeError } from "../runtime.js";

/** The kernels that there are without a container. */
export type EmbeddedKernel = "python" | "javascript";

/** The images whose program runs without a container, too, by repository. Decided here and nowhere else. */
const KERNEL_OF: ReadonlyMap<string, EmbeddedKernel> = new Map([
  ["dynamic-sessions/python", "python"],
  ["dynamic-sessions/node", "javascript"],
]);

/** Why instances of a pool cannot be had without a container, and what to do; undefined when they can. */
export function refusal({ pool, image }: Pick<InstanceSpec, "pool" | "image">): string | undefined {
  if (kernelIn(image)) return undefined;
  if (repositoryOf(image) === "dynamic-sessions/shell") {
    return `pool '${pool}' is a shell, and that needs Docker: start an engine (npm run engine), or leave the pool out`;
  }
  return (
    `pool '${pool}' runs the image '${image}', and images need Docker: start an engine (npm run engine), ` +
    "or leave the pool out; without one there are PythonLTS and NodeLTS pools"
  );
}

/**
 * The kernel of a pool.
 * @throws RuntimeError `start-failed` with the words of {@link refusal}
 */
export function kernelOf(spec: Pick<InstanceSpec, "pool" | "image">): EmbeddedKernel {
  const kernel = kernelIn(spec.image);
  if (kernel) return kernel;
  throw new RuntimeError("start-failed", refusal(spec) ?? "");
}

function kernelIn(image: string): EmbeddedKernel | undefined {
  return KERNEL_OF.get(repositoryOf(image));
}

function repositoryOf(image: string): string {
  return image.replace(/@.*$/, "").replace(/:[^:/]*$/, "");
}
