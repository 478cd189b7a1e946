import { z } from "zod";
import { correction } from "./suggest.js";

/**
 * The kinds of value that the pools file, the options and the environment share. Each takes what a person or an
 * ARM client may send (numbers also as strings, `"300"`: api-reference 12.4) and says in its issue what is wrong
 * (`message`) and what is allowed (`params.fix`).
 */

type Reader<T> = (value: unknown) => { value: T } | { wrong: string };

function read<T>(allowed: string | ((value: unknown) => string), reader: Reader<T>) {
  return z.unknown().transform((value, context): T => {
    const fix = typeof allowed === "string" ? allowed : allowed(value);
    const result = value === undefined ? { wrong: "is missing" } : reader(value);
    if ("value" in result) return result.value;
    context.addIssue({ code: "custom", message: result.wrong, params: { fix } });
    return z.NEVER;
  });
}

/** The value as a message shows it, short enough for one line. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "a map";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

function toNumber(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
}

/** A whole number in a range, both ends included. */
export function integer(min: number, max = Number.MAX_SAFE_INTEGER, hint = "") {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return read<number>(`Write a whole number ${range}${hint}.`, (value) => {
    const number = toNumber(value);
    if (!Number.isInteger(number)) return { wrong: `${show(value)} is not a whole number` };
    return number < min || number > max ? { wrong: `${number} is out of range` } : { value: number };
  });
}

/** A TCP port that a program listens on. */
export function port() {
  return integer(1, 65535);
}

/** A number above 0; fractions allowed. */
export function positiveNumber(example: string) {
  return read<number>(`Write a number above 0, for example ${example}.`, (value) => {
    const number = toNumber(value);
    return Number.isFinite(number) && number > 0
      ? { value: number }
      : { wrong: `${show(value)} is not such a number` };
  });
}

/** One of a fixed set of words, spelled exactly. */
export function oneOf<const T extends string>(words: readonly T[]) {
  const allowed = (value: unknown) => correction(typeof value === "string" ? value : "", words);
  return read<T>(allowed, (value) => {
    const word = words.find((candidate) => candidate === value);
    return word === undefined ? { wrong: `${show(value)} is not known` } : { value: word };
  });
}

/** `true` or `false`; from the environment also `1` and `0`. */
export function boolean() {
  return read<boolean>("Write true or false.", (value) => {
    const text = String(value).toLowerCase();
    if (text === "true" || text === "1") return { value: true };
    if (text === "false" || text === "0") return { value: false };
    return { wrong: `${show(value)} is neither true nor false` };
  });
}

/** A text; numbers and booleans are taken as written. `pattern` restricts it. */
export function text(fix: string, pattern = /\S/) {
  return read<string>(fix, (value) => {
    if (typeof value === "object") return { wrong: `${show(value)} cannot stand here` };
    const string = String(value);
    return pattern.test(string) ? { value: string } : { wrong: `${show(value)} cannot be used here` };
  });
}

const memoryUnits: Record<string, number> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 };
/** Docker refuses a container with less. */
const smallestMemory = 6 * 2 ** 20;

/** Memory as ARM writes it (`1Gi`, `0.5Gi`, `512Mi`) → bytes. */
export function memory() {
  return read<number>("Write a size with its unit, at least 6Mi, for example 1Gi or 512Mi.", (value) => {
    const [, amount, unit] = /^\s*(\d+(?:\.\d+)?)\s*(Ki|Mi|Gi)\s*$/.exec(String(value)) ?? [];
    if (amount === undefined || unit === undefined) return { wrong: `${show(value)} is not a memory size` };
    const bytes = Math.round(Number(amount) * (memoryUnits[unit] ?? 1));
    return bytes < smallestMemory ? { wrong: `${show(value)} is too small` } : { value: bytes };
  });
}
