// npm test [-- --unit | -- <paths and options of vitest>]: everything the tests need, then the tests.
import { ensureBaseImage } from "./lib/base-image.mjs";
import { ensureBuilt } from "./lib/build.mjs";
import { ensureCompose } from "./lib/compose.mjs";
import { findEngine } from "./lib/engine.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main, ScriptError, say } from "./lib/project.mjs";
import { runNode } from "./lib/run.mjs";
import { ensureEngine } from "./lib/start-engine.mjs";
import { planTests } from "./lib/test-plan.mjs";

/** The images that the tests run. */
const images = ["base", "python", "node", "r", "shell", "relay", "emulator"];

await main(async () => {
  const plan = planTests(process.argv.slice(2));
  await ensureInstalled();
  await ensureBuilt();
  const environment = { ...process.env };
  if (plan.needsEngine) {
    await announceEngine();
    const engine = await ensureEngine();
    await ensureBaseImage(engine);
    await ensureCompose();
    environment.DOCKER_HOST = engine;
    say(`building the images that the tests use: ${images.join(", ")}`);
    const code = await runNode("dist/cli/main.js", ["images", "build", ...images], { env: environment });
    if (code !== 0) throw new ScriptError("The images could not be built; see above.");
  }
  process.exitCode = await runNode("node_modules/vitest/vitest.mjs", ["run", ...plan.vitest], {
    env: environment,
  });
});

async function announceEngine() {
  const { address } = await findEngine();
  if (address !== undefined) return;
  say(
    "the tests run real containers, and no Docker engine answers; as root on Debian or Ubuntu one is now installed",
  );
  say("(docker.io) and started. To run only the tests without containers: npm test -- --unit");
}
