// npm run engine [-- --base]: makes sure that a Docker engine answers; with --base, that it has the base image too.
import { parseArgs } from "node:util";
import { ensureBaseImage } from "./lib/base-image.mjs";
import { main, ScriptError } from "./lib/project.mjs";
import { ensureEngine } from "./lib/start-engine.mjs";

const usage = "Usage: npm run engine [-- --base]   (--base: also provide the base image, debian:trixie-slim)";

await main(async () => {
  const engine = readOptions();
  const address = await ensureEngine();
  if (engine.base) await ensureBaseImage(address);
});

function readOptions() {
  try {
    return parseArgs({ options: { base: { type: "boolean" } } }).values;
  } catch (error) {
    throw new ScriptError(`${error.message}\n${usage}`, 2);
  }
}
