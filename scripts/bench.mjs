// npm run bench [-- <paths and options of vitest bench>]: measures against a real engine.
import { ensureBuilt } from "./lib/build.mjs";
import { requireEngine } from "./lib/engine.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/project.mjs";
import { runNode } from "./lib/run.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const DOCKER_HOST = await requireEngine();
  const args = ["bench", "--run", ...process.argv.slice(2)];
  process.exitCode = await runNode("node_modules/vitest/vitest.mjs", args, {
    env: { ...process.env, DOCKER_HOST },
  });
});
