import { readFileSync } from "node:fs";
import { type KernelRole, preloadScript } from "./config/preload.js";
import type { Settings } from "./config/settings.js";
import type { Kernels } from "./execution/executor.js";
import { Kernel } from "./execution/kernel.js";
import type { KernelServer } from "./execution/kernel-server.js";
import type { PrepareStep } from "./execution/prepare.js";
import { HealthMonitor } from "./health/monitor.js";
import type { Log } from "./log.js";

/** The kernels that the configuration asks for: one, or up to three (byoc 2.3, `kernelInit`). */
export function configuredKernels(settings: Settings, name: string, server: KernelServer, log: Log): Kernels {
  const create = (role: KernelRole) =>
    new Kernel({
      server,
      name,
      role,
      log,
      maxMessageBytes: settings.maxMessageBytes,
      prepare: prepareSteps(settings, role, log),
    });
  const shared = settings.asynchronous === "subshell" ? "subshell" : "queue";
  return {
    main: create("synchronous"),
    empty: create("synchronousWithEmptyKernel"),
    asynchronous: settings.asynchronous === "separate" ? create("asynchronous") : shared,
  };
}

/** Every kernel there is, those included that nobody has asked for yet. */
export function allKernels({ main, empty, asynchronous }: Kernels): Kernel[] {
  return [main, empty, ...(typeof asynchronous === "string" ? [] : [asynchronous])];
}

/** The kernels to start at once; the others start with the first run that wants them. */
export function kernelsAtStart(kernels: Kernels, settings: Settings): Kernel[] {
  const isEager = settings.file.spec.kernel.kernelInit.synchronousWithEmptyKernel?.enabled ?? false;
  return allKernels(kernels).filter((kernel) => kernel !== kernels.empty || isEager);
}

/** The health probe's snippet, if there is one (byoc 2.3, `healthProbe`). */
export function probeStep({ file }: Settings): PrepareStep | undefined {
  const { code, expectedResult, timeoutSeconds } = file.spec.healthProbe;
  if (code === undefined || code.trim() === "") return undefined;
  const expected = expectedResult === undefined ? {} : { expected: expectedResult };
  return { what: "'spec.healthProbe.code'", code, timeoutSeconds, ...expected };
}

/** Checks each kernel with the probe's snippet, as often as configured. */
export function healthMonitors(kernels: readonly Kernel[], settings: Settings): HealthMonitor[] {
  const step = probeStep(settings);
  if (step === undefined) return [];
  return kernels.map((kernel) => new HealthMonitor(settings.file.spec.healthProbe, () => kernel.check(step)));
}

function prepareSteps(settings: Settings, role: KernelRole, log: Log): PrepareStep[] {
  const steps = [preloadStep(settings, role, log), probeStep(settings)];
  return steps.filter((step) => step !== undefined);
}

function preloadStep({ file }: Settings, role: KernelRole, log: Log): PrepareStep | undefined {
  const script = preloadScript(file, role);
  if (script === undefined) return undefined;
  const timeoutSeconds = file.spec.healthProbe.commonLibrariesInitTimeoutSeconds;
  try {
    return {
      what: `preloading ${script}`,
      code: readFileSync(script, "utf8"),
      timeoutSeconds,
      mayFail: true,
    };
  } catch (error) {
    // A file written for another image names scripts of that image; the session works without them.
    log.error(`'initLibrariesFile' cannot be read: ${(error as Error).message}`, { role });
    return undefined;
  }
}
