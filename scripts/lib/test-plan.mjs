/** The tests below test/unit need no engine; vitest.config.ts has them as a project of their own. */
const unitProject = ["--project", "unit"];

/**
 * What the words after `npm test --` ask for: `--unit`, or paths and options of vitest, or both.
 * @param {string[]} words
 * @returns {{ needsEngine: boolean, vitest: string[] }}
 */
export function planTests(words) {
  const rest = words.filter((word) => word !== "--unit");
  const paths = rest.map((word) => word.replace(/^\.\//, "")).filter((word) => /^test(\/|$)/.test(word));
  const unitPathsOnly = paths.length > 0 && paths.every((path) => /^test\/unit(\/|$)/.test(path));
  const unit = rest.length < words.length || unitPathsOnly;
  return { needsEngine: !unit, vitest: unit ? [...unitProject, ...rest] : rest };
}
