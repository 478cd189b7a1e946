/** The tests below test/unit need no engine; vitest.config.ts has them as a project of their own. */
const unitProject = ["--project", "unit"];
/** Killing things and looking what is left takes minutes of waiting. */
const faultsProject = ["--project", "faults"];
const usualProjects = [...unitProject, "--project", "docker", "--project", "docker-alone"];

/**
 * What the words after `npm test --` ask for: `--unit` or `--faults`, or paths and options of vitest, or both.
 * @param {string[]} words
 * @returns {{ needsEngine: boolean, vitest: string[] }}
 */
export function planTests(words) {
  if (words.includes("--faults")) {
    return { needsEngine: true, vitest: [...faultsProject, ...words.filter((word) => word !== "--faults")] };
  }
  const rest = words.filter((word) => word !== "--unit");
  const paths = rest.map((word) => word.replace(/^\.\//, "")).filter((word) => /^test(\/|$)/.test(word));
  const unitPathsOnly = paths.length > 0 && paths.every((path) => /^test\/unit(\/|$)/.test(path));
  const unit = rest.length < words.length || unitPathsOnly;
  if (unit) return { needsEngine: false, vitest: [...unitProject, ...rest] };
  return { needsEngine: true, vitest: paths.length > 0 ? rest : [...usualProjects, ...rest] };
}
