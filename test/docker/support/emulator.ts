import { randomBytes } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import { type Emulator, type LibraryOptions, type PoolInput, startEmulator } from "../../../src/index.js";
import { WEB_IMAGE, WEB_PORT } from "./images.js";

/**
 * Runs an emulator on a free port while the tests of the calling file run; use it inside tests only. Sessions are
 * reached as DSE_REACH says, as by the command line, so that the same tests can be run for every way.
 */
export function emulatorForTests(options: LibraryOptions): Pick<Emulator, "url"> {
  let emulator: Emulator | undefined;
  beforeAll(async () => {
    emulator = await startEmulator({ port: 0, ...reachOfTests(), ...options });
  });
  afterAll(() => emulator?.close());
  return {
    get url() {
      if (!emulator) throw new Error("the emulator is not running yet");
      return emulator.url;
    },
  };
}

/** The way to the sessions that the tests of this file are run for. */
export function reachOfTests(): Pick<LibraryOptions, "reach"> {
  const reach = process.env.DSE_REACH;
  return reach === "gate" || reach === "socket" ? { reach } : {};
}

/** A pool of the web fixture. */
export function webPool(name: string, properties: Partial<PoolInput> = {}): PoolInput {
  const image = { image: WEB_IMAGE, targetPort: WEB_PORT, readySessionInstances: 0 };
  return { name, containerType: "CustomContainer", ...image, ...properties };
}

/** An identifier that no other test uses. */
export function newIdentifier(): string {
  return `id-${randomBytes(6).toString("hex")}`;
}

/** What the control API says of the sessions of one pool. */
export async function sessionsOf(
  emulator: Pick<Emulator, "url">,
  pool: string,
): Promise<{ identifier: string; container: string; state: string; expiresAt: string }[]> {
  const response = await fetch(`${emulator.url}/_emulator/sessions`);
  const { value } = (await response.json()) as { value: { pool: string }[] };
  return value.filter((session) => session.pool === pool) as never;
}

/** Moves the emulator's clock. */
export async function advance(emulator: Pick<Emulator, "url">, advanceSeconds: number): Promise<void> {
  const response = await fetch(`${emulator.url}/_emulator/clock`, {
    method: "POST",
    body: JSON.stringify({ advanceSeconds }),
  });
  if (response.status !== 200) throw new Error(`the clock answered ${response.status}`);
}

/** Waits until `condition` holds; fails with `what` when it never does. */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; ) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}
