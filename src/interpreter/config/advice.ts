import { type KernelRole, preloadScript, wantsPreload } from "./preload.js";
import type { InterpreterFile } from "./schema.js";

const ROLES: readonly KernelRole[] = ["synchronous", "synchronousWithEmptyKernel", "asynchronous"];

/** Something in a valid file that will not do what its author seems to expect. */
export interface Advice {
  path: string[];
  /** Reads on from the key's name. */
  text: string;
}

/** Settings that have no effect as they stand. */
export function adviceOn(file: InterpreterFile): Advice[] {
  const { kernel, healthProbe } = file.spec;
  const advice: Advice[] = [];
  if (kernel.kernelInit.synchronous?.enabled === false) {
    const path = ["spec", "kernel", "kernelInit", "synchronous", "enabled"];
    advice.push({ path, text: "is ignored: synchronous executions always have a kernel." });
  }
  if (healthProbe.tikaServer.enabled) {
    advice.push({
      path: ["spec", "healthProbe", "tikaServer", "enabled"],
      text: "is ignored: there is no such server here.",
    });
  }
  if (healthProbe.expectedResult !== undefined && !healthProbe.code?.trim()) {
    const path = ["spec", "healthProbe", "expectedResult"];
    advice.push({ path, text: "is ignored without 'spec.healthProbe.code'." });
  }
  return [...advice, ...scripts(file)];
}

function scripts(file: InterpreterFile): Advice[] {
  const { kernel, initLibrariesFile } = file.spec;
  const advice: Advice[] = [];
  const wanting = ROLES.filter((role) => wantsPreload(kernel, role));
  const text = "is true, but no 'initLibrariesFile' says which script to run.";
  for (const role of wanting.filter((role) => preloadScript(file, role) === undefined)) {
    const isOwn = kernel.kernelInit[role]?.initCommonLibraries === true;
    const own = ["spec", "kernel", "kernelInit", role, "initCommonLibraries"];
    const path = isOwn ? own : ["spec", "kernel", "runInitScript"];
    if (!advice.some((other) => other.path.join() === path.join())) advice.push({ path, text });
  }
  if (initLibrariesFile !== undefined && wanting.length === 0 && kernel.runInitScript !== false) {
    const switches = "'spec.kernel.runInitScript' or a kernel's 'initCommonLibraries'";
    advice.push({ path: ["spec", "initLibrariesFile"], text: `is not run: set ${switches} to true.` });
  }
  return advice;
}
