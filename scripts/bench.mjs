// npm run bench [-- <row>… | -- --list | -- --write]: measures against a real engine.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureBuilt } from "./lib/build.mjs";
import { requireEngine } from "./lib/engine.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main, root, ScriptError } from "./lib/project.mjs";
import { runNode } from "./lib/run.mjs";

/** The images that the rows run. */
const images = ["base", "python", "relay"];

await main(async () => {
  const words = process.argv.slice(2);
  await ensureInstalled();
  await ensureBuilt();
  const env = { ...process.env };
  if (!words.includes("--list")) {
    env.DOCKER_HOST = await requireEngine();
    const code = await runNode("dist/cli/main.js", ["images", "build", ...images], {
      env,
      stdio: ["ignore", 2, 2],
    });
    if (code !== 0) throw new ScriptError("The images could not be built; see above.");
  }
  // Inside node_modules, so that the dependencies are found from there.
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "bench-"));
  try {
    await bundle(folder);
    process.exitCode = await runNode(join(folder, "main.mjs"), words, { env });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** The rows, which use the emulator as it is built, and the programs that run inside containers, whole. */
async function bundle(outdir) {
  const { build } = await import("esbuild");
  const options = {
    absWorkingDir: root,
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
  };
  await build({
    ...options,
    entryPoints: ["test/bench/main.ts"],
    packages: "external",
    plugins: [{ name: "as-built", setup: useDist }],
  });
  await build({
    ...options,
    entryPoints: ["test/bench/inside/kernel-driver.ts"],
    // ws, a CommonJS package, asks for Node's own modules.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
}

/** Sources of the emulator are taken from `dist`: what is measured is what users run. */
function useDist({ onResolve }) {
  const source = join(root, "src/");
  onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
    const file = join(resolveDir, path);
    if (!file.startsWith(source)) return undefined;
    return { path: join(root, "dist", file.slice(source.length)), external: true };
  });
}
