import { rmSync } from "node:fs";
import { join } from "node:path";
import { root, ScriptError } from "./project.mjs";

/** Folder of what `bundleForContainer` makes, below `dist`. */
export const containerBundle = "container";

/**
 * Bundles the emulator for its own image: the command (`cli.js`), its reaper (`main.js`, which the command expects
 * beside itself) and what both share, with the packages that they need. The embedded runtime has no place there.
 */
export async function bundleForContainer() {
  const { build } = await import("esbuild");
  const folder = join(root, "dist", containerBundle);
  // The names of shared pieces change with their content.
  rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { cli: "src/cli/main.ts", main: "src/runtime/docker/reaper/main.ts" },
    outdir: folder,
    splitting: true,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    // Packages that do without these when they are not there.
    external: ["pyodide", "cpu-features", "*.node"],
    loader: { ".py": "text" },
    // Bundled CommonJS dependencies still call require and ask for their folder.
    banner: {
      js: [
        'import { createRequire as __createRequire } from "node:module";',
        'import { fileURLToPath as __fileURLToPath } from "node:url";',
        "const require = __createRequire(import.meta.url);",
        'const __dirname = __fileURLToPath(new URL(".", import.meta.url));',
      ].join(" "),
    },
    logLevel: "warning",
  }).catch(() => {
    throw new ScriptError("The emulator could not be bundled for its image; see above.");
  });
}
