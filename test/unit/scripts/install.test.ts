import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { staleReason } from "../../../scripts/lib/install.mjs";

describe("node_modules", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "install-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function locked(packages: Record<string, object>) {
    await writeFile(join(folder, "package-lock.json"), JSON.stringify({ packages: { "": {}, ...packages } }));
  }
  async function installed(packages: Record<string, object>) {
    await mkdir(join(folder, "node_modules"));
    await writeFile(join(folder, "node_modules/.package-lock.json"), JSON.stringify({ packages }));
  }
  const a1 = { "node_modules/a": { version: "1.0.0", integrity: "x" } };
  const a2 = { "node_modules/a": { version: "2.0.0", integrity: "y" } };
  const other = { "node_modules/b-darwin": { version: "1.0.0", optional: true } };

  it("is stale when it is not there", async () => {
    await locked(a1);
    expect(staleReason(folder)).toMatch(/missing/);
  });

  it("is fine as locked, without the packages of other platforms", async () => {
    await locked({ ...a1, ...other });
    await installed(a1);
    expect(staleReason(folder)).toBeUndefined();
  });

  it("is stale when a package is of another version", async () => {
    await locked(a2);
    await installed(a1);
    expect(staleReason(folder)).toBe("node_modules is older than package-lock.json (a)");
  });

  it("is stale when a package is new", async () => {
    await locked({ ...a1, "node_modules/c": { version: "1.0.0" } });
    await installed(a1);
    expect(staleReason(folder)).toContain("(c)");
  });

  it("is stale when the installation was cut short", async () => {
    await locked(a1);
    await mkdir(join(folder, "node_modules"));
    expect(staleReason(folder)).toMatch(/incomplete/);
  });
});
