/** One thing wrong (or worth a warning) in the pools file, an option or an environment variable. */
export interface ConfigIssue {
  /** The file as the user named it; absent for options and environment variables. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
  /** Key path (`pools[0].targetPort`), flag (`--port`) or variable (`DSE_PORT`); empty for the file as a whole. */
  key: string;
  /** What is wrong, without a final full stop. */
  message: string;
  /** What to write instead, a whole sentence. */
  fix: string;
}

/** The issue as one line: `pools.yaml:4:5: pools[0].cpu: "many" is not a number. Write a number above 0.` */
export function formatIssue(issue: ConfigIssue): string {
  const place = [issue.file, issue.line, issue.column].filter((part) => part !== undefined).join(":");
  const head = [place, issue.key].filter((part) => part !== "").join(": ");
  return `${head}: ${issue.message}. ${issue.fix}`.replaceAll(/\s*\n\s*/g, " ");
}

/** The configuration cannot be used. Carries every issue found, not only the first. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(
    readonly issues: ConfigIssue[],
    options?: ErrorOptions,
  ) {
    super(issues.map(formatIssue).join("\n"), options);
  }
}

/** Key path as people write it: `["pools", 0, "env", "A B"]` → `pools[0].env["A B"]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const name = String(part);
    if (!/^[\w-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");
}
