// npm start -- <options>: installs and builds what is missing in this folder, then runs the emulator.
// Installs nothing on the system.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main, root } from "./lib/project.mjs";

const parentCheckMs = 500;

await main(async () => {
  if (process.env.npm_lifecycle_event === "start") stopWithParent();
  await ensureInstalled();
  await ensureBuilt();
  // In this very process: a signal then reaches the emulator once, and its exit code is this one's.
  const program = join(root, "dist/cli/main.js");
  process.argv = [process.execPath, program, "start", ...process.argv.slice(2)];
  await import(pathToFileURL(program).href);
});

/**
 * npm hands SIGTERM to the shell that it runs a script in, and that shell ends without handing it on. So the end of
 * the shell counts as the signal; otherwise an emulator would outlive the npm that somebody stopped.
 */
function stopWithParent() {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, parentCheckMs);
  timer.unref();
}
