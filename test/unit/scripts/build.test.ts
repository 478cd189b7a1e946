import { mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../../../scripts/lib/build.mjs";

describe("the hash of the sources", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "hash-"));
    await mkdir(join(folder, "src/sub"), { recursive: true });
    await writeFile(join(folder, "src/a.ts"), "a");
    await writeFile(join(folder, "src/sub/b.ts"), "b");
    await writeFile(join(folder, "tsconfig.json"), "{}");
  });
  afterEach(() => rm(folder, { recursive: true }));

  const hash = () => hashOf(folder, ["src", "tsconfig.json", "not-there"]);

  it("stays when only a date changes", async () => {
    const before = hash();
    await utimes(join(folder, "src/a.ts"), new Date(), new Date());
    expect(hash()).toBe(before);
  });

  it.each([
    ["a file's content", () => writeFile(join(folder, "src/sub/b.ts"), "c")],
    ["a new file", () => writeFile(join(folder, "src/new.ts"), "")],
    ["a file less", () => rm(join(folder, "src/sub/b.ts"))],
    ["a single file", () => writeFile(join(folder, "tsconfig.json"), "{} ")],
  ])("changes with %s", async (_, change) => {
    const before = hash();
    await change();
    expect(hash()).not.toBe(before);
  });
});
