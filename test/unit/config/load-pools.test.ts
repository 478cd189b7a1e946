import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadPools } from "../../../src/config/load-pools.js";

const onePool = (name: string) => `pools: [{ name: ${name}, containerType: PythonLTS }]\n`;

describe("the pools", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pools-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const names = async (sources: Parameters<typeof loadPools>[0]) =>
    (await loadPools(sources, folder)).pools.map(({ name, containerType }) => `${name} ${containerType}`);

  it("are the built-in ones without a file", async () => {
    expect(await names({})).toEqual(["python PythonLTS", "node NodeLTS", "shell Shell"]);
  });

  it("are those of pools.yaml in the working directory", async () => {
    await writeFile(join(folder, "pools.yaml"), onePool("usual"));
    expect(await names({})).toEqual(["usual PythonLTS"]);
  });

  it("are those of the file named, which wins", async () => {
    await writeFile(join(folder, "pools.yaml"), onePool("usual"));
    await mkdir(join(folder, "sub"));
    await writeFile(join(folder, "sub/mine.yaml"), onePool("mine"));
    expect(await names({ config: "sub/mine.yaml" })).toEqual(["mine PythonLTS"]);
  });

  it("gain one that runs the image", async () => {
    const { pools } = await loadPools({ image: "my-byoc:dev", targetPort: 8080 }, folder);
    expect(pools).toHaveLength(4);
    expect(pools.at(-1)).toMatchObject({
      name: "custom",
      containerType: "CustomContainer",
      image: "my-byoc:dev",
      targetPort: 8080,
      cpu: 0.5,
      memoryBytes: 1024 ** 3,
      ephemeralStorageBytes: 2 * 1024 ** 3,
    });
    expect((await loadPools({ image: "my-byoc:dev" }, folder)).pools.at(-1)?.targetPort).toBe(6000);
  });

  it("cannot hold two named custom", async () => {
    await writeFile(join(folder, "pools.yaml"), onePool("custom"));
    await expect(loadPools({ image: "a" }, folder)).rejects.toThrow(
      /^--image: the pool "custom" is in pools.yaml already/,
    );
  });

  it("say which file is not there", async () => {
    await expect(loadPools({ config: "nope.yaml" }, folder)).rejects.toThrow(
      /^nope\.yaml: .*there is no such file.*--config/,
    );
  });

  it("say that a folder is no file", async () => {
    await mkdir(join(folder, "pools.yaml"));
    await expect(loadPools({}, folder)).rejects.toThrow(/^pools\.yaml: .*it is a folder/);
  });
});
