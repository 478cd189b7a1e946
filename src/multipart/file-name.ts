/**
 * What a file is really called, given the name as the multipart parser read it.
 *
 * Each HTTP stack writes names in its own way (clients 2.6): .NET sends MIME encoded words beside
 * `filename*`, aiohttp percent-encodes everything, the rest send raw UTF-8. `filename*` has already been
 * preferred, and `%22` already been decoded, by the parser.
 */
export function decodeFileName(parsed: string, userAgent: string | undefined): string {
  const words = decodeEncodedWords(parsed);
  const plain = isAiohttp(userAgent) ? percentDecoded(words) : words;
  return baseName(plain);
}

/** The part of a name after its last slash, forward or backward (some clients send a whole path). */
export function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}

function isAiohttp(userAgent: string | undefined): boolean {
  // Only aiohttp percent-encodes; for everyone else `my%20file.txt` is a name that contains a percent sign.
  return userAgent !== undefined && /(^|\s)aiohttp\//i.test(userAgent);
}

function percentDecoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

const ENCODED_WORD = /=\?([A-Za-z0-9._-]+)(?:\*[A-Za-z-]+)?\?([BbQq])\?([^?]*)\?=(?:\s+(?==\?))?/g;

/** Decodes `=?utf-8?B?…?=` and `=?utf-8?Q?…?=` (RFC 2047); text that is no such word stays as it is. */
function decodeEncodedWords(text: string): string {
  return text.replace(ENCODED_WORD, (word, charset: string, encoding: string, payload: string) => {
    const bytes = encoding.toUpperCase() === "B" ? Buffer.from(payload, "base64") : quotedBytes(payload);
    try {
      return new TextDecoder(charset, { fatal: true }).decode(bytes);
    } catch {
      return word;
    }
  });
}

function quotedBytes(payload: string): Buffer {
  const latin = payload
    .replace(/_/g, " ")
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin, "latin1");
}
