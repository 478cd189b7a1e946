import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import type { InstanceSpec, SessionRecord } from "../runtime.js";

/** What is kept beside an instance's sockets. Labels cannot hold it: they never change, and it does. */
interface StoredRecord extends SessionRecord {
  /** Hash of the pool's spec; a session of a pool that has changed is not adopted. */
  spec: string;
}

/** The same for the same spec, whatever the order of its members. */
export function specHash(spec: InstanceSpec): string {
  const sorted = JSON.stringify(spec, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(sorted).digest("hex");
}

/** Writes an instance's record; a reader never sees half of it. */
export async function writeRecord(folder: string, record: SessionRecord, spec: InstanceSpec): Promise<void> {
  const stored: StoredRecord = { ...record, spec: specHash(spec) };
  const file = path.join(folder, "session.json");
  await fs.writeFile(`${file}.new`, JSON.stringify(stored), { mode: 0o600 });
  await fs.rename(`${file}.new`, file);
}

/** Reads an instance's record; undefined when there is none that is whole. */
export async function readRecord(folder: string): Promise<StoredRecord | undefined> {
  try {
    const stored = JSON.parse(await fs.readFile(path.join(folder, "session.json"), "utf8"));
    const whole =
      typeof stored.pool === "string" &&
      typeof stored.identifier === "string" &&
      Number.isFinite(stored.createdAt) &&
      Number.isFinite(stored.lastAccessedAt) &&
      typeof stored.spec === "string";
    return whole ? stored : undefined;
  } catch {
    return undefined;
  }
}
