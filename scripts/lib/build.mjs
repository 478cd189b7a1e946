import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root, ScriptError, say } from "./project.mjs";
import { runNode } from "./run.mjs";

/** What the build is made from. */
const inputs = ["src", "package-lock.json", "tsconfig.json", "tsconfig.build.json", "scripts/lib/build.mjs"];

const output = join(root, "dist");
/** Holds the inputs' hash; written last, so that an interrupted build is never taken for a whole one. */
const stamp = join(output, ".inputs");

/** The program inside a session, one file for the images. */
const interpreter = { source: "src/interpreter/main.ts", bundle: "dist/interpreter/interpreter.mjs" };

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
  await bundleInterpreter();
  removeOrphans();
  writeFileSync(stamp, wanted);
}

/** Removes what an earlier build left of sources that are gone. In place, so that nothing running misses a file. */
function removeOrphans() {
  for (const file of filesOf(output)) {
    const path = relative(output, file).replaceAll("\\", "/");
    const source = join(root, "src", path.replace(/(\.d\.ts|\.js\.map|\.js)$/, ".ts"));
    if (`dist/${path}` !== interpreter.bundle && !existsSync(source)) rmSync(file);
  }
}

async function bundleInterpreter() {
  const { build } = await import("esbuild");
  await build({
    absWorkingDir: root,
    entryPoints: [interpreter.source],
    outfile: interpreter.bundle,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Bundled CommonJS dependencies still call require.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    logLevel: "warning",
  }).catch(() => {
    throw new ScriptError("The interpreter could not be bundled; see above.");
  });
}
