import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const PACKAGE = "dynamic-sessions-emulator";
const PATIENCE_MS = 240_000;

/**
 * The package as somebody installs it: packed by npm, unpacked into an otherwise empty folder. Its dependencies are
 * links to those of this repository, and only to those that package.json names, so that no registry is needed.
 */
describe("the packed package", () => {
  let folder: string;
  let files: string[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "dse-package-"));
    const modules = path.join(folder, "node_modules");
    const installed = path.join(modules, PACKAGE);
    await mkdir(installed, { recursive: true });
    const packed = await run("npm", ["pack", "--pack-destination", folder], root);
    expect(packed, packed.stderr).toMatchObject({ code: 0 });
    const [archive] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
    const tarball = path.join(folder, String(archive));
    files = (await run("tar", ["-tzf", tarball], folder)).stdout.trim().split("\n");
    await run("tar", ["-xzf", tarball, "-C", installed, "--strip-components=1"], folder);
    await linkDependencies(modules);
    // As npm does for each `bin`.
    const { bin } = JSON.parse(await readFile(path.join(installed, "package.json"), "utf8"));
    await mkdir(path.join(modules, ".bin"));
    for (const [name, file] of Object.entries<string>(bin)) {
      await chmod(path.join(installed, file), 0o755);
      await symlink(path.join(installed, file), path.join(modules, ".bin", name));
    }
    await rm(tarball);
    await writeFile(path.join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  }, PATIENCE_MS);
  afterAll(() => rm(folder, { recursive: true }));

  it("holds the build, the sources of the images and the documents, and nothing else", async () => {
    const entries = await readdir(path.join(root, "images"), { recursive: true, withFileTypes: true });
    const images = entries
      .filter((entry) => entry.isFile())
      .map((entry) => `package/${path.relative(root, path.join(entry.parentPath, entry.name))}`);
    expect(images.length).toBeGreaterThan(5);
    expect(files).toEqual(expect.arrayContaining(images));
    for (const file of ["dist/cli/main.js", "dist/index.d.ts", "dist/interpreter/interpreter.mjs"]) {
      expect(files).toContain(`package/${file}`);
    }
    const usual =
      /^package\/(dist|images|docs)\/|^package\/(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
    expect(files.filter((file) => !usual.test(file) || file.endsWith(".map"))).toEqual([]);
  });

  it("runs with npx", async () => {
    const { version } = JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));
    const answer = await run("npx", ["--no-install", PACKAGE, "--version"], folder);
    expect(answer).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  it("finds its images' sources", async () => {
    const answer = await run("npx", ["--no-install", PACKAGE, "images", "build", "pyhton"], folder);
    expect(answer.code).toBe(2);
    expect(answer.stderr).toContain('images build: "pyhton" is no image. Did you mean python?');
  });

  it("is a library for plain JavaScript", async () => {
    await writeFile(
      path.join(folder, "plain.mjs"),
      `import { clientEnvironment, ConfigError, startEmulator } from "${PACKAGE}";
       const error = await startEmulator({ pools: [{ name: "python", containerType: "Pythno" }] }).catch((error) => error);
       console.log(error instanceof ConfigError, error.message);
       console.log(clientEnvironment({ url: "http://localhost:1", pools: [] }).DSE_URL);`,
    );
    const answer = await run(process.execPath, ["plain.mjs"], folder);
    expect(answer).toMatchObject({ code: 0, stderr: "" });
    expect(answer.stdout).toMatch(/^true .*"Pythno" is not known.*\nhttp:\/\/localhost:1\n$/s);
  });

  it(
    "runs code without Docker, from what is packed alone",
    async () => {
      await writeFile(
        path.join(folder, "embedded.mjs"),
        `import { startEmulator } from "${PACKAGE}";
         const pools = [{ name: "python", containerType: "PythonLTS", readySessionInstances: 0 }];
         const emulator = await startEmulator({ port: 0, runtime: "embedded", pools });
         const query = "api-version=2025-10-02-preview&identifier=packed-1";
         const answer = await fetch(emulator.url + "/pools/python/executions?" + query, {
           method: "POST",
           body: JSON.stringify({ code: "6 * 7" }),
         });
         console.log(await answer.text());
         await emulator.close();`,
      );
      const answer = await run(process.execPath, ["embedded.mjs"], folder);
      expect(answer.code, answer.stderr).toBe(0);
      expect(JSON.parse(answer.stdout)).toMatchObject({ result: { executionResult: 42 } });
    },
    PATIENCE_MS,
  );

  it.each([
    ["NodeNext", "NodeNext"],
    ["ESNext", "bundler"],
  ])(
    "is a library for TypeScript, module %s and resolution %s",
    async (module, moduleResolution) => {
      await writeFile(
        path.join(folder, "typed.mts"),
        `import { type Emulator, type PoolInput, RuntimeError, startEmulator } from "${PACKAGE}";
         const pools: PoolInput[] = [{ name: "python", containerType: "PythonLTS", readySessionInstances: 0 }];
         const emulator: Emulator = await startEmulator({ port: 0, pools });
         const url: string = emulator.url;
         // @ts-expect-error: a mistyped type is an error here and not at run time
         pools.push({ name: "node", containerType: "Node" });
         await startEmulator();
         await emulator.close();
         export { RuntimeError, url };`,
      );
      const compilerOptions = {
        target: "ES2022",
        lib: ["ES2023", "DOM"],
        module,
        moduleResolution,
        strict: true,
        noEmit: true,
        types: ["node"],
      };
      await writeFile(
        path.join(folder, "tsconfig.json"),
        JSON.stringify({ compilerOptions, files: ["typed.mts"] }),
      );
      const compiler = path.join(root, "node_modules/typescript/bin/tsc");
      expect(await run(process.execPath, [compiler, "-p", "."], folder)).toMatchObject({
        code: 0,
        stdout: "",
      });
    },
    PATIENCE_MS,
  );
});

/** Links what `npm install --omit=dev` would have installed. */
async function linkDependencies(modules: string): Promise<void> {
  const lock = JSON.parse(await readFile(path.join(root, "package-lock.json"), "utf8"));
  for (const [place, { dev }] of Object.entries<{ dev?: boolean }>(lock.packages)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(place)?.[1];
    // What a TypeScript program for Node.js has of its own.
    const ofConsumer = ["@types/node", "undici-types"].includes(name ?? "");
    if (name === undefined || (dev && !ofConsumer)) continue;
    await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
    await symlink(path.join(root, place), path.join(modules, name), "dir");
  }
}

function run(
  command: string,
  args: string[],
  cwd: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  // What an outer npm tells its scripts is not for this one.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_")));
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { cwd, env, maxBuffer: 2 ** 24, timeout: PATIENCE_MS },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      },
    );
  });
}
