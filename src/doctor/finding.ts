/** What one check of the doctor found. */
export interface Finding {
  /** What was looked at, one or two words: `port`, `data folder`. */
  check: string;
  /** `warn`: it works here and may not elsewhere, or less well than it could. */
  level: "ok" | "warn" | "fail";
  /** What was found, without a final full stop. */
  message: string;
  /** What to do about it, a whole sentence. */
  fix?: string;
  /** Lines that belong to it: the last of a log. */
  details?: string[];
}

/** All is well. */
export function ok(check: string, message: string): Finding {
  return { check, level: "ok", message };
}

/** It works, with a doubt. */
export function warn(check: string, message: string, fix: string): Finding {
  return { check, level: "warn", message, fix };
}

/** It does not work. */
export function fail(check: string, message: string, fix: string, details: string[] = []): Finding {
  return { check, level: "fail", message, fix, ...(details.length > 0 && { details }) };
}

/** The findings as lines for a person, the fix beside each. */
export function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(0, ...findings.map(({ check }) => check.length));
  const indent = " ".repeat(width + 8);
  const lines = findings.flatMap(({ check, level, message, fix, details }) => [
    `${(level === "fail" ? "FAIL" : level).padEnd(4)}  ${check.padEnd(width)}  ${message}`,
    ...(details ?? []).map((line) => `${indent}| ${line}`),
    ...(fix === undefined ? [] : [`${indent}→ ${fix}`]),
  ]);
  return [...lines, "", summary(findings)];
}

function summary(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]) => findings.filter((finding) => finding.level === level).length;
  const failed = count("fail");
  const doubtful = count("warn");
  const warnings = doubtful === 0 ? "" : `, ${doubtful} ${doubtful === 1 ? "warning" : "warnings"}`;
  if (failed === 0) return `${findings.length} checks, no failure${warnings}.`;
  return `${failed} of ${findings.length} checks failed${warnings}.`;
}
