// npm run images [-- <name>…]: builds the images, or the named ones with what they stand on.
import { ensureBuilt } from "./lib/build.mjs";
import { requireEngine } from "./lib/engine.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/project.mjs";
import { runNode } from "./lib/run.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const DOCKER_HOST = await requireEngine();
  const args = ["images", "build", ...process.argv.slice(2)];
  process.exitCode = await runNode("dist/cli/main.js", args, { env: { ...process.env, DOCKER_HOST } });
});
