// npm run build: installs what is missing and builds dist anew.
import { ensureBuilt } from "./lib/build.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/project.mjs";

await main(async () => {
  await ensureInstalled();
  await ensureBuilt({ always: true });
});
