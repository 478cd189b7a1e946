import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, ScriptError, say } from "./project.mjs";
import { run, runNode } from "./run.mjs";

/**
 * Why `node_modules` does not match `package-lock.json`, or undefined when it does. Compares versions and hashes,
 * not dates: a fresh checkout has new dates everywhere.
 * @param {string} folder the one that holds package-lock.json
 */
export function staleReason(folder) {
  const lock = readLock(join(folder, "package-lock.json"));
  if (lock === undefined)
    return existsSync(join(folder, "node_modules")) ? undefined : "node_modules is missing";
  const installed = readLock(join(folder, "node_modules", ".package-lock.json"));
  if (installed === undefined) return "node_modules is missing or incomplete";
  for (const [path, wanted] of Object.entries(lock)) {
    if (path === "" || wanted.link) continue;
    const found = installed[path];
    // Optional packages are those of other platforms.
    if (found === undefined && wanted.optional) continue;
    if (found === undefined || found.version !== wanted.version || found.integrity !== wanted.integrity) {
      return `node_modules is older than package-lock.json (${path.replace(/^.*node_modules\//, "")})`;
    }
  }
  return undefined;
}

function readLock(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : undefined;
}

/** Installs the dependencies into `node_modules`, when they are not there as locked. Touches nothing else. */
export async function ensureInstalled() {
  const reason = staleReason(root);
  if (reason === undefined) return;
  // Not `npm ci`: it refuses a lock that lacks an optional package of another platform, and npm writes such locks.
  // Versions are the lock's here too, and the lock stays as it is.
  const args = ["install", "--no-save", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"];
  say(`${reason}; installing the dependencies with: npm ${args.join(" ")}`);
  // Under `npm run`, the same npm; its output goes to standard error like everything the scripts say.
  const npm = process.env.npm_execpath;
  const options = { stdio: ["ignore", 2, 2] };
  const code = npm?.endsWith(".js") ? await runNode(npm, args, options) : await run("npm", args, options);
  if (code !== 0) throw new ScriptError(`npm install failed (exit code ${code}); see its message above.`);
}
