import { DENO_SYNTAX } from "./deno-syntax.js";
import { NONE_EXPRESSION } from "./python-none.js";

/** Finds out what was wrong with code of which the kernel only says that it failed. */
export interface SyntaxExplainer {
  /** Whether the kernel's words say nothing. */
  isMute(error: { message: string; traceback: string }): boolean;
  /** Code that writes the reason to stdout without running `code`. */
  question(code: string): string;
  /** The reason in what the question wrote; `undefined` when it found nothing wrong. */
  reason(written: string, code: string): { name: string; message: string } | undefined;
}

/** In what the kernels of a language differ from the protocol's letter. Decided here and nowhere else. */
export interface KernelTraits {
  /**
   * One request is dealt with after the other, and everything about one is sent before its `idle`. Elsewhere a
   * value may come some milliseconds after `idle` (byoc 7.4).
   */
  inOrder: boolean;
  /** Evaluated by the kernel after each run: whether the run's value was the language's `None`. */
  noneExpression: string | undefined;
  syntax: SyntaxExplainer | undefined;
}

const COMMON: KernelTraits = { inOrder: false, noneExpression: undefined, syntax: undefined };

/** By the kernelspec's `language`. */
export function traitsOf(language: string): KernelTraits {
  switch (language.toLowerCase()) {
    case "python":
      return { ...COMMON, inOrder: true, noneExpression: NONE_EXPRESSION };
    case "typescript":
    case "javascript":
      return { ...COMMON, syntax: DENO_SYNTAX };
    default:
      return COMMON;
  }
}
