import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockHolder, releaseLock, takeLock } from "../../../src/state/lock.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "dse-lock-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("the lock of a state folder", () => {
  it("is this process's until it is given back", async () => {
    expect(await takeLock(folder, "emulator", 0)).toBeUndefined();
    const holder = { pid: process.pid, role: "emulator" };
    expect(await lockHolder(folder)).toEqual(holder);
    expect(await takeLock(folder, "emulator", 0)).toEqual(holder);
    await releaseLock(folder);
    expect(await takeLock(folder, "emulator", 0)).toBeUndefined();
  });

  // Linux alone tells when a process was started; containers are Linux's.
  it.runIf(process.platform === "linux")(
    "is nobody's when an earlier process had the same number, as in a container that is started again",
    async () => {
      await takeLock(folder, "emulator", 0);
      const file = path.join(folder, "lock");
      const [pid, role] = (await readFile(file, "utf8")).split(" ");
      await writeFile(file, `${pid} ${role} 1`);
      expect(await lockHolder(folder)).toBeUndefined();
      expect(await takeLock(folder, "emulator", 0)).toBeUndefined();
    },
  );
});
