import { type RunEnd, type RunPlace, type RunRequest, runOn } from "./run.js";
import type { KernelCondition } from "./run-watch.js";
import { parseLiteral } from "./value.js";

/** One piece of code that is not the user's: a preload script at the start, or the health probe's snippet. */
export interface PrepareStep {
  what: string;
  code: string;
  timeoutSeconds: number;
  /** Value the code must have. */
  expected?: string;
  /** The kernel is ready even if this fails; the failure is only told. */
  mayFail?: boolean;
}

/** How start-up code or a check went. */
export interface Preparation {
  well: boolean;
  condition: KernelCondition;
  /** The step that the kernel did not survive. */
  fatal?: PrepareStep;
}

type OnProblem = (problem: { what: string; error: string }) => void;

/** Runs steps in order, without a trace in the session's history; stops where the kernel does not survive one. */
export async function prepareKernel(
  place: RunPlace,
  steps: readonly PrepareStep[],
  onProblem: OnProblem,
): Promise<Preparation> {
  let well = true;
  for (const step of steps) {
    const { problem, condition } = await runStep(place, step);
    if (problem !== undefined) {
      well &&= step.mayFail === true;
      onProblem({ what: `${step.what} failed`, error: problem });
    }
    if (condition !== "good") return { well, condition, fatal: step };
  }
  return { well, condition: "good" };
}

async function runStep(
  place: RunPlace,
  { code, timeoutSeconds, expected }: PrepareStep,
): Promise<{ problem: string | undefined; condition: KernelCondition }> {
  const request = { timeoutSeconds, outputLimit: 4096, storeHistory: false, silent: true } as const;
  // A silent run has no value. Where the kernel evaluates expressions, that is how the value is had.
  if (expected !== undefined && place.traits.noneExpression !== undefined) {
    const asked = await runOn(place, { ...request, code: "", expression: code } satisfies RunRequest);
    if (hasValue(asked)) return { problem: problemOf(asked, expected), condition: asked.condition };
    if (asked.condition !== "good") return { problem: problemOf(asked), condition: asked.condition };
  }
  const ran = await runOn(place, { ...request, code });
  return { problem: problemOf(ran, expected), condition: ran.condition };
}

function hasValue({ outcome }: RunEnd): boolean {
  return outcome.value !== undefined && outcome.value !== null;
}

/** What is wrong with a finished step; where it left neither a value nor output there is nothing to compare. */
function problemOf(end: RunEnd, expected?: string): string | undefined {
  const { error, stdout } = end.outcome;
  if (error !== undefined) return error.name === "" ? error.message : `${error.name}: ${error.message}`;
  const found = hasValue(end) ? end.outcome.value : stdout.trim() || undefined;
  if (expected === undefined || found === undefined || String(found) === String(parseLiteral(expected))) {
    return undefined;
  }
  return `value was ${JSON.stringify(found)}, expected ${expected}`;
}
