/** Shells whose way of setting variables is known. */
export const shells = ["sh", "fish", "powershell", "cmd"] as const;
export type Shell = (typeof shells)[number];

/** The shell that somebody most likely types in. */
export function usualShell(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): Shell {
  if (environment.SHELL?.endsWith("/fish")) return "fish";
  return platform === "win32" && !environment.SHELL ? "powershell" : "sh";
}

/** One line that sets a variable, whatever its value holds. */
export function assignment(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case "sh":
      return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
    case "fish":
      return `set -gx ${name} '${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
    case "powershell":
      return `$Env:${name} = '${value.replaceAll("'", "''")}'`;
    case "cmd":
      return `set "${name}=${value}"`;
  }
}

/** How to make a shell take the lines: a comment of that shell. */
export function evaluationHint(shell: Shell): string {
  switch (shell) {
    case "sh":
      return '# eval "$(dynamic-sessions-emulator env)"';
    case "fish":
      return "# dynamic-sessions-emulator env --shell fish | source";
    case "powershell":
      return "# dynamic-sessions-emulator env --shell powershell | Out-String | Invoke-Expression";
    case "cmd":
      return "REM @for /f \"delims=\" %i in ('dynamic-sessions-emulator env --shell cmd') do @%i";
  }
}
