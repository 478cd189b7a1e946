import { spawnSync } from "node:child_process";
import { installPackages, isDebianLike, isRoot } from "./machine.mjs";
import { say } from "./project.mjs";

/** The ways to call compose: the docker command's plugin, and the older program of its own. */
const ways = [["docker", "compose"], ["docker-compose"]];

/** True when compose is there in one of its forms. */
export function hasCompose() {
  return ways.some(
    ([program, ...words]) => spawnSync(program, [...words, "version"], { stdio: "ignore" }).status === 0,
  );
}

/** Installs compose where that can be done. Elsewhere the test that needs it says what to do. */
export async function ensureCompose() {
  if (hasCompose()) return;
  say("one of the tests needs docker compose, which is not there");
  if (isRoot() && isDebianLike()) await installPackages(["docker-compose"]);
}
