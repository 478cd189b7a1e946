const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: source code has none but tab and line ends
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
/** Shorter text is more likely a plain word of code than encoded code. */
const SHORTEST_GUESS = 8;

/** `codeInputType`, compared without case (byoc 3.2). */
export type CodeInputType = "inline" | "inlinebase64" | "inlinetext";

/** The kinds of input there are. */
export const CODE_INPUT_TYPES: readonly string[] = ["inline", "inlinebase64", "inlinetext"];

/**
 * The code a request means. `InlineBase64` is always decoded; plain inline code only where the configuration
 * says to guess (`enableAutoBase64Decoding`); `InlineText` never.
 *
 * @returns `undefined` for base64 that is none
 */
export function codeOf(input: string, type: CodeInputType, guessBase64: boolean): string | undefined {
  if (type === "inlinebase64") return decodeBase64(input);
  if (type === "inline" && guessBase64) return guessedBase64(input) ?? input;
  return input;
}

function decodeBase64(text: string): string | undefined {
  const compact = text.replace(/\s+/g, "");
  if (compact !== "" && !BASE64.test(compact)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(compact, "base64"));
  } catch {
    return undefined;
  }
}

function guessedBase64(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length < SHORTEST_GUESS || trimmed.length % 4 !== 0 || !BASE64.test(trimmed)) return undefined;
  const decoded = decodeBase64(trimmed);
  return decoded === undefined || CONTROL.test(decoded) ? undefined : decoded;
}
