// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences start with a control character
const ANSI = /\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007]*(?:\u0007|\u001b\\)/g;

/** Text without terminal escape sequences; kernels colour tracebacks and some also values (byoc 7.6). */
export function stripAnsi(text: string): string {
  return text.includes("\u001b") ? text.replace(ANSI, "") : text;
}
