import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Answer, Ask, Row } from "./row.js";
import { type Received, send, type Target } from "./send.js";

/** How long an asynchronous execution of a row may take. */
const ENDED_WITHIN_MS = 60_000;

/** Plays one row against an interpreter and compares the answer. */
export async function play(target: Target, identifier: string, row: Row): Promise<void> {
  const values: Record<string, string> = { identifier, dir: `c${randomBytes(4).toString("hex")}` };
  const ask = async (one: Ask) => {
    const received = await send(target, identifier, filled(one, values));
    const id = (json(received) as { id?: unknown } | undefined)?.id;
    if (typeof id === "string") values.id = id;
    return received;
  };
  for (const step of row.before ?? []) {
    const { status, body } = await ask(step);
    expect(status, `${step.path} before the row: ${body.toString().slice(0, 300)}`).toBeLessThan(300);
  }
  let received = await ask(row.ask);
  for (const end = performance.now() + ENDED_WITHIN_MS; row.untilEnded && performance.now() < end; ) {
    if (!isRunning(json(received))) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
    received = await ask(row.ask);
  }
  const allowed = [row.ours, ...(target.isOurs ? [] : (row.others ?? []))];
  compareWithAny(received, filled(allowed, values));
}

function compareWithAny(received: Received, allowed: Answer[]): void {
  const mismatches: unknown[] = [];
  for (const answer of allowed) {
    try {
      compare(received, answer);
      return;
    } catch (mismatch) {
      mismatches.push(mismatch);
    }
  }
  // The first is what the documents agree on most, so its difference says most.
  throw mismatches[0];
}

function compare(received: Received, { status, headers = {}, json: body, text }: Answer): void {
  const shown = received.body.toString("utf8");
  expect(received.status, shown.slice(0, 500)).toBe(status);
  for (const [name, value] of Object.entries(headers)) {
    if (value instanceof RegExp) expect(received.headers[name], name).toMatch(value);
    else expect(received.headers[name], name).toBe(value);
  }
  if (body !== undefined) expect(JSON.parse(shown)).toEqual(body);
  if (text instanceof RegExp) expect(shown).toMatch(text);
  else if (text !== undefined) expect(shown).toBe(text);
}

function isRunning(body: unknown): boolean {
  const { status } = (body ?? {}) as { status?: unknown };
  return status === "Running" || status === "NotStarted";
}

function json(received: Received): unknown {
  try {
    return JSON.parse(received.body.toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Replaces placeholders in every text inside plain objects and arrays. */
function filled<T>(value: T, values: Record<string, string>): T {
  if (typeof value === "string") {
    return value.replace(/\{(identifier|dir|id)\}/g, (whole, name) => values[name] ?? whole) as T;
  }
  if (Array.isArray(value)) return value.map((member) => filled(member, values)) as T;
  // Matchers, patterns and bytes are left alone.
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) {
    return value;
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, values)])) as T;
}
