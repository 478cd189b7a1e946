import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll } from "vitest";
import { type Emulator, type LibraryOptions, startEmulator } from "../../../src/index.js";

const API = "api-version=2025-10-02-preview";

/** What an execution answers. */
export interface Execution {
  status: string;
  result: { stdout: string; stderr: string; executionResult: unknown };
}

/** An emulator without containers, for the tests of the calling file. */
export class EmbeddedEmulator {
  constructor(private readonly running: () => Emulator) {}

  get url(): string {
    return this.running().url;
  }

  get emulator(): Emulator {
    return this.running();
  }

  address(pool: string, path: string, identifier: string): string {
    return `${this.url}/pools/${pool}${path}?${API}&identifier=${identifier}`;
  }

  post(pool: string, identifier: string, body: object): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return fetch(this.address(pool, "/executions", identifier), {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
  }

  async execute(pool: string, identifier: string, code: string, more: object = {}): Promise<Execution> {
    const response = await this.post(pool, identifier, { code, ...more });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
    return JSON.parse(text) as Execution;
  }

  /** The value of code, or what went wrong with it. */
  async value(pool: string, identifier: string, code: string): Promise<unknown> {
    const { status, result } = await this.execute(pool, identifier, code);
    return status === "Succeeded" ? result.executionResult : `failed: ${result.stderr}`;
  }

  async sessions(): Promise<{ pool: string; identifier: string; container: string }[]> {
    const response = await fetch(`${this.url}/_emulator/sessions`);
    return ((await response.json()) as { value: never[] }).value;
  }

  async advance(advanceSeconds: number): Promise<void> {
    await fetch(`${this.url}/_emulator/clock`, { method: "POST", body: JSON.stringify({ advanceSeconds }) });
  }
}

/** Runs one while the tests of the calling file run. */
export function embeddedForTests(options: LibraryOptions): EmbeddedEmulator {
  let emulator: Emulator | undefined;
  beforeAll(async () => {
    emulator = await startEmulator({ port: 0, runtime: "embedded", ...options });
  }, 120_000);
  afterAll(() => emulator?.close());
  return new EmbeddedEmulator(() => {
    if (!emulator) throw new Error("the emulator is not running yet");
    return emulator;
  });
}

/** An identifier that no other test uses. */
export function newIdentifier(): string {
  return `id-${randomBytes(6).toString("hex")}`;
}

/** Processes of this machine whose command line holds a text. */
export async function processesWith(text: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(text)) found.push(Number(pid));
  }
  return found;
}

/** Waits until `condition` holds; fails with `what` when it never does. */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 25_000; performance.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}
