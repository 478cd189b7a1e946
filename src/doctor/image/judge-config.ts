import { type Finding, fail, ok, warn } from "../finding.js";
import type { ReadConfig } from "./config-file.js";
import type { ImageFacts, TrialFacts } from "./facts.js";

const NAME_VARIABLE = "CODE_INTERPRETER_KERNEL_NAME";
const PATH_VARIABLE = "CODE_INTERPRETER_CONFIG_FILE_PATH";

/** The configuration file, against what else the image and the pool say. Nothing for an image without one. */
export function judgeConfig(image: ImageFacts, config: ReadConfig, targetPort: number): Finding[] {
  const { configPath } = image;
  if (config.kind === "absent") {
    if (!image.env[PATH_VARIABLE]) return [];
    const text = `${PATH_VARIABLE} names ${configPath}, and there is no such file`;
    return [fail("config", text, `COPY codeInterpreterConf.yaml ${configPath} in the Dockerfile.`)];
  }
  if (config.kind === "wrong") {
    const [first = "", ...more] = config.mistakes;
    return [fail("config", first, "Correct the file: docs/byoc.md has every key.", more)];
  }
  const { kernel } = config.settings.spec;
  const port = kernel.port;
  if (port !== undefined && port !== targetPort) {
    const text = `spec.kernel.port of ${configPath} is ${port}, the pool's targetPort is ${targetPort}`;
    return [fail("config", text, `Make them equal: targetPort: ${port} in the pool, or the file's port.`)];
  }
  const [first, ...more] = config.warnings;
  if (first === undefined) return [ok("config", `${configPath} has no mistakes`)];
  const advice = warn("config", first, "It is taken as it is; docs/byoc.md has every key.");
  return [{ ...advice, ...(more.length > 0 && { details: more }) }];
}

/** The kernel that the configuration names. Nothing for an image without a kernel. */
export function judgeKernel(image: ImageFacts, config: ReadConfig, trial: TrialFacts): Finding[] {
  if (config.kind !== "read" || config.settings.spec.kernel.enabled === false) return [];
  const inFile = config.settings.spec.kernel.name;
  const inEnv = image.env[NAME_VARIABLE];
  if (inFile && inEnv && inFile !== inEnv) {
    const text = `spec.kernel.name is ${inFile}, ${NAME_VARIABLE} is ${inEnv}`;
    return [fail("kernel", text, `Make the two equal: ENV ${NAME_VARIABLE}=${inFile}`)];
  }
  const name = inEnv || inFile || "python3";
  const kernels = trial.seen?.kernels;
  if (kernels === undefined) return [];
  if (kernels.includes(name)) return [ok("kernel", `${name} is installed`)];
  const there = kernels.length > 0 ? `there are ${kernels.join(", ")}` : "there is none at all";
  const fix = `Install its kernelspec as user ubuntu (--sys-prefix or --user), or name one that is there.`;
  return [fail("kernel", `the kernelspec ${name} is not installed: ${there}`, fix)];
}
