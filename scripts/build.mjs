// npm run build [-- --if-changed]: installs what is missing and builds dist anew, or only when a source has changed.
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/project.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt({ always: !process.argv.includes("--if-changed") });
});
