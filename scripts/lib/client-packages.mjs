import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { say } from "./project.mjs";
import { run, runNode } from "./run.mjs";

/** What is installed, at fixed versions: a new release of a client must not turn the build red by itself. */
const pythonPackages = ["langchain-azure-dynamic-sessions==1.0.4", "semantic-kernel==1.45.0"];
const nodePackages = [
  "@azure/identity@4.14.1",
  "@llamaindex/azure@0.2.1",
  "@llamaindex/core@0.6.23",
  "@llamaindex/env@0.1.31",
];

/** Written into a folder when everything is in it, so that a broken-off install is never taken for a whole one. */
const stamp = "installed.txt";

/** Where clients are kept between runs; nothing is installed into the repository or the system. */
function cacheFolder() {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return process.env.DSE_CLIENTS_DIR || join(caches, "dynamic-sessions-emulator", "clients");
}

/**
 * A Python with LangChain's and Semantic Kernel's packages, in a virtual environment of its own.
 * @returns {Promise<{ python: string } | { missing: string }>} `missing`: why there is none
 */
export async function pythonClients() {
  const folder = join(cacheFolder(), "python");
  const python = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  const missing = await installOnce(folder, pythonPackages, async () => {
    const found = await findPython();
    if (found === undefined) return "there is no Python 3.10 or later (python3 in PATH)";
    if ((await quietly(found, ["-m", "venv", folder])) !== 0)
      return `${found} -m venv failed (python3-venv?)`;
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...pythonPackages];
    return (await quietly(python, pip)) === 0 ? undefined : "pip could not install it; see above";
  });
  return missing === undefined ? { python } : { missing };
}

/**
 * A folder with the clients from npm in its node_modules.
 * @returns {Promise<{ folder: string } | { missing: string }>} `missing`: why there is none
 */
export async function nodeClients() {
  const folder = join(cacheFolder(), "node");
  const missing = await installOnce(folder, nodePackages, async () => {
    await writeFile(join(folder, "package.json"), '{ "private": true }\n');
    const args = ["install", "--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
    const npm = process.env.npm_execpath;
    const words = [...args, ...nodePackages];
    const code = npm?.endsWith(".js") ? await quietNode(npm, words) : await quietly("npm", words);
    return code === 0 ? undefined : "npm could not install it; see above";
  });
  return missing === undefined ? { folder } : { missing };
}

async function installOnce(folder, packages, install) {
  const mark = join(folder, stamp);
  const wanted = packages.join("\n");
  if (existsSync(mark) && (await readFile(mark, "utf8")) === wanted) return undefined;
  say(`installing ${packages.join(", ")} into ${folder}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const missing = await install();
  if (missing === undefined) await writeFile(mark, wanted);
  return missing;
}

async function findPython() {
  for (const python of ["python3", "python"]) {
    const version = "import sys; sys.exit(0 if sys.version_info >= (3, 10) else 1)";
    if ((await run(python, ["-c", version], { stdio: "ignore" })) === 0) return python;
  }
  return undefined;
}

/** Standard output belongs to the steps. */
const toStandardError = { stdio: ["ignore", 2, 2] };

function quietly(program, args) {
  return run(program, args, toStandardError);
}

function quietNode(script, args) {
  return runNode(script, args, toStandardError);
}
