import type { InterpreterFile } from "./schema.js";

/** The kernels there can be, named as in `spec.kernel.kernelInit`. */
export type KernelRole = keyof InterpreterFile["spec"]["kernel"]["kernelInit"];

/**
 * Path of the script that preloads a kernel's libraries, if one is wanted (byoc 2.3). A kernel's own
 * `initCommonLibraries` decides; where it says nothing, `runInitScript` does, except for the kernel that is
 * meant to be empty. `runInitScript: false` keeps all scripts from running.
 */
export function preloadScript({ spec }: InterpreterFile, role: KernelRole): string | undefined {
  return wantsPreload(spec.kernel, role) ? scriptOf(spec, role) : undefined;
}

/** Whether the file asks for a script, whether or not it names one. */
export function wantsPreload(kernel: InterpreterFile["spec"]["kernel"], role: KernelRole): boolean {
  if (kernel.runInitScript === false) return false;
  const byDefault = kernel.runInitScript === true && role !== "synchronousWithEmptyKernel";
  return kernel.kernelInit[role]?.initCommonLibraries ?? byDefault;
}

function scriptOf(spec: InterpreterFile["spec"], role: KernelRole): string | undefined {
  return spec.kernel.kernelInit[role]?.initLibrariesFile ?? spec.initLibrariesFile;
}
