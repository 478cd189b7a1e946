/** Text without ANSI colour and cursor codes. */
export function withoutAnsi(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what this is about
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "");
}

/** The first `limit` bytes of a text in UTF-8, never half a character, without any mark of the cut (E8). */
export function firstBytes(text: string, limit: number): string {
  if (text.length <= limit / 3) return text;
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= limit) return text;
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}

/** Two texts, the second on a line of its own. */
export function onNewLine(first: string, second: string): string {
  if (first === "" || second === "") return first + second;
  return first.endsWith("\n") ? first + second : `${first}\n${second}`;
}
