import { stripAnsi } from "./ansi.js";
import type { SyntaxExplainer } from "./kernel-traits.js";

/** Code longer than this is not asked about: the question would carry it a second time. */
const LONGEST_CODE = 200_000;
/** First line of the module that is loaded for its error: nothing behind it ever runs. */
const GUARD = "throw 0;\n";

/**
 * Deno's kernel answers code that it cannot parse, or whose imports cannot be loaded, with `Execution failed`
 * and nothing else (byoc 7.3). Loading the same text as a module gives the parser's words, and a first
 * statement that throws keeps it from running.
 */
export const DENO_SYNTAX: SyntaxExplainer = {
  isMute: ({ message, traceback }) => message === "Execution failed" && traceback === "",
  question: (code) => {
    if (code.length > LONGEST_CODE) return "";
    const source = Buffer.from(GUARD + code).toString("base64");
    return `await import("data:application/typescript;base64,${source}").then(() => {}, (e) => { if (e !== 0) console.log(String(e?.message ?? e)); });`;
  },
  reason: (written, code) => {
    const said = stripAnsi(written).trim();
    if (said === "") return undefined;
    const [first = ""] = said.split("\n");
    const isSyntax = first.startsWith("SyntaxError: ");
    const message = (isSyntax ? first.slice("SyntaxError: ".length) : first).trim();
    return { name: isSyntax ? "SyntaxError" : "Error", message: message + place(said, code) };
  },
};

/** Where the parser stopped, in the lines of the code itself. */
function place(said: string, code: string): string {
  const at = /:(\d+):(\d+)\s*$/.exec(said);
  if (at === null) return "";
  const line = Number(at[1]) - 1;
  const text = code.split("\n")[line - 1];
  if (text === undefined) return "";
  return ` (line ${line}, column ${at[2]})\n  ${text}\n  ${" ".repeat(Math.max(0, Number(at[2]) - 1))}^`;
}
