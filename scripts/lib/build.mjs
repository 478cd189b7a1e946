import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { bundleForContainer, containerBundle } from "./container-bundle.mjs";
import { root, ScriptError, say } from "./project.mjs";
import { runNode } from "./run.mjs";

/** What the build is made from. */
const inputs = [
  "src",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "scripts/lib/build.mjs",
  "scripts/lib/container-bundle.mjs",
];

const output = join(root, "dist");
/** Holds the inputs' hash; written last, so that an interrupted build is never taken for a whole one. */
const stamp = join(output, ".inputs");

/**
 * Programs that run outside of the emulator's process, one file each: in the images, and without containers in a
 * process of their own with a thread for the kernel.
 */
const programs = [
  { source: "src/interpreter/main.ts", bundle: "dist/interpreter/interpreter.mjs" },
  { source: "src/interpreter/embedded.ts", bundle: "dist/interpreter/embedded.mjs" },
  { source: "src/interpreter/in-process/python/worker.ts", bundle: "dist/interpreter/python-kernel.mjs" },
  {
    source: "src/interpreter/in-process/python/make-snapshot.ts",
    bundle: "dist/interpreter/make-snapshot.mjs",
  },
  {
    source: "src/interpreter/in-process/javascript/worker.ts",
    bundle: "dist/interpreter/javascript-kernel.mjs",
  },
];

/** A hash over the names and contents of files and folders. */
export function hashOf(folder, paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesOf(join(folder, path)))) {
    hash
      .update(`${relative(folder, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex");
}

function filesOf(path) {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Builds `dist` when a source has changed since it was built. @param {{ always?: boolean }} [options] */
export async function ensureBuilt({ always = false } = {}) {
  const wanted = hashOf(root, inputs);
  const built = existsSync(stamp) ? readFileSync(stamp, "utf8") : undefined;
  if (built === wanted && !always) return;
  say(
    built === undefined
      ? "building dist …"
      : always
        ? "building dist anew …"
        : "the sources have changed; building dist …",
  );
  rmSync(stamp, { force: true });
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const code = await runNode(compiler, ["-p", "tsconfig.build.json"], { stdio: ["ignore", 2, 2] });
  if (code !== 0) throw new ScriptError("The TypeScript compiler found errors; see above.");
  await bundlePrograms();
  await bundleForContainer();
  removeOrphans();
  writeFileSync(stamp, wanted);
}

/** Removes what an earlier build left of sources that are gone. In place, so that nothing running misses a file. */
function removeOrphans() {
  for (const file of filesOf(output)) {
    const path = relative(output, file).replaceAll("\\", "/");
    const source = join(root, "src", path.replace(/(\.d\.ts|\.js\.map|\.js)$/, ".ts"));
    const isBundle = programs.some(({ bundle }) => bundle === `dist/${path}`);
    const isOfContainer = path.startsWith(`${containerBundle}/`);
    if (!isBundle && !isOfContainer && !existsSync(source)) rmSync(file);
  }
}

/** Bundles the programs that are there. */
async function bundlePrograms() {
  for (const { source, bundle } of programs) {
    if (existsSync(join(root, source))) await bundleProgram(source, join(root, bundle));
  }
}

/** Bundles one program. @param {string} source below the project's folder @param {string} file */
export async function bundleProgram(source, file) {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: [source],
    outfile: file,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // What runs inside the WebAssembly Python goes along as text.
    loader: { ".py": "text" },
    // Bundled CommonJS dependencies still call require.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  }).catch(() => {
    throw new ScriptError(`${source} could not be bundled; see above.`);
  });
}
