import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** The program as a user runs it: a process of its own, bundled from the sources into a folder laid out as the package. */
describe("the program", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cli-"));
    await mkdir(join(folder, "work"));
    await copyFile(join(root, "package.json"), join(folder, "package.json"));
    await symlink(join(root, "node_modules"), join(folder, "node_modules"), "dir");
    await build({
      absWorkingDir: root,
      entryPoints: ["src/cli/main.ts"],
      outfile: join(folder, "dist/main.js"),
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      // Loaded when pools start, which none of these does.
      external: ["../emulator.js"],
    });
  });
  afterAll(() => rm(folder, { recursive: true }));

  function run(args: string[], environment: Record<string, string> = {}) {
    return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const options = { cwd: join(folder, "work"), env: { ...process.env, ...environment } };
      execFile(
        process.execPath,
        [join(folder, "dist/main.js"), ...args],
        options,
        (error, stdout, stderr) => {
          resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
        },
      );
    });
  }

  it("prints its version", async () => {
    const { code, stdout, stderr } = await run(["--version"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it("prints its commands", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("start");
  });

  it("prints the options of start with variables, defaults and examples", async () => {
    const { code, stdout } = await run(["start", "--help"]);
    expect(code).toBe(0);
    for (const text of ["--port <number>", "4380", "DSE_TARGET_PORT", "--keep-containers", "start --image"]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).not.toContain("--no-");
  });

  it.each([
    [["start", "--prot", "1"], "error: unknown option '--prot' (Did you mean --port?). See --help.\n"],
    [["strat"], "error: unknown command 'strat' (Did you mean start?). See --help.\n"],
    [["start", "--port"], "error: option '--port <number>' argument missing. See --help.\n"],
    [
      ["start", "--port", "http"],
      'error: --port: "http" is not a whole number. Write a whole number from 0 to 65535; 0 takes any free port.\n',
    ],
  ])("refuses %j with one line and code 2", async (args, message) => {
    expect(await run(args)).toEqual({ code: 2, stdout: "", stderr: message });
  });

  it("refuses a wrong variable by its name", async () => {
    const { code, stderr } = await run(["start"], { DSE_LOG_LEVEL: "inf" });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'error: DSE_LOG_LEVEL: "inf" is not known. Did you mean info?\n',
    });
  });

  it("refuses a wrong pools file by line and key", async () => {
    await writeFile(
      join(folder, "work/bad.yaml"),
      "pools:\n  - name: python\n    containerType: PythonLTS\n    cooldownPeriodInSecond: 5\n",
    );
    expect(await run(["start", "--config", "bad.yaml"])).toEqual({
      code: 2,
      stdout: "",
      stderr:
        "error: bad.yaml:4:5: pools[0].cooldownPeriodInSecond: unknown key. Did you mean cooldownPeriodInSeconds?\n",
    });
  });

  it("refuses a pools file that is not there", async () => {
    const { code, stderr } = await run(["start", "--config", "nope.yaml"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: nope\.yaml: .*no such file.*\n$/);
  });
});
