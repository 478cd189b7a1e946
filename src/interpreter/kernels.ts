import { readFileSync } from "node:fs";
import { ConfigError } from "./config/parse.js";
import type { Settings } from "./config/settings.js";
import type { Kernels } from "./execution/executor.js";
import { Kernel, type PrepareStep } from "./execution/kernel.js";
import type { JupyterRest } from "./jupyter/rest.js";
import type { Log } from "./log.js";

type KernelRole = keyof Settings["file"]["spec"]["kernel"]["kernelInit"];

/** The kernels that the configuration asks for: one, or up to three (byoc 2.3, `kernelInit`). */
export function configuredKernels(settings: Settings, name: string, rest: JupyterRest, log: Log): Kernels {
  const { kernelInit } = settings.file.spec.kernel;
  const create = (role: KernelRole) =>
    new Kernel({
      rest,
      name,
      role,
      log,
      maxMessageBytes: settings.maxMessageBytes,
      prepare: prepareSteps(settings, role),
    });
  return {
    main: create("synchronous"),
    empty: kernelInit.synchronousWithEmptyKernel?.enabled ? create("synchronousWithEmptyKernel") : undefined,
    asynchronous: settings.asynchronous === "separate" ? create("asynchronous") : undefined,
  };
}

/** Every kernel there is. */
export function allKernels({ main, empty, asynchronous }: Kernels): Kernel[] {
  return [main, empty, asynchronous].filter((kernel) => kernel !== undefined);
}

function prepareSteps(settings: Settings, role: KernelRole): PrepareStep[] {
  const { spec } = settings.file;
  const init = spec.kernel.kernelInit[role];
  const steps: PrepareStep[] = [];
  const script = init?.initLibrariesFile ?? spec.initLibrariesFile;
  if (init?.initCommonLibraries && script !== undefined) {
    const timeoutSeconds = spec.healthProbe.commonLibrariesInitTimeoutSeconds;
    steps.push({ what: `preloading ${script}`, code: readScript(script), timeoutSeconds });
  }
  const { code, expectedResult, timeoutSeconds } = spec.healthProbe;
  if (code !== undefined && code.trim() !== "") {
    const expected = expectedResult === undefined ? {} : { expected: expectedResult };
    steps.push({ what: "'spec.healthProbe.code'", code, timeoutSeconds, ...expected });
  }
  return steps;
}

function readScript(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError(`'initLibrariesFile' cannot be read: ${(error as Error).message}`);
  }
}
