import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { answerOf, call, engineRequest } from "./engine.mjs";
import { installPackages, isDebianLike, isRoot } from "./machine.mjs";
import { ScriptError, say } from "./project.mjs";

const repository = "debian";
const tag = "trixie-slim";
/** What the images are built from. */
export const baseImage = `${repository}:${tag}`;

/** A registry that says nothing for this long is taken for unreachable. */
const pullIdleMs = 20_000;

/** What the slim image leaves out, as Debian's own does: manuals, translations, documentation but the licences. */
const leftOut = [
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/locale/*",
  "path-exclude=/usr/share/doc/*",
  "path-include=/usr/share/doc/*/copyright",
];

/**
 * Makes sure that the engine has the base image: as it is, else pulled, else made with mmdebstrap from Debian's
 * packages. Safe to call twice.
 * @param {string} engine address
 */
export async function ensureBaseImage(engine) {
  if (await isThere(engine)) return;
  say(`the engine lacks ${baseImage}; pulling it`);
  const problem = await pull(engine);
  if (problem === undefined) return;
  say(`it cannot be pulled (${problem})`);
  if (!existsSync("/usr/bin/mmdebstrap")) {
    if (!isDebianLike() || !isRoot()) throw new ScriptError(withoutPull);
    await installPackages(["mmdebstrap", "debian-archive-keyring"]);
  }
  say(`making ${baseImage} from Debian's packages with mmdebstrap; this takes a minute or two`);
  await makeFromPackages(engine);
  say(`${baseImage} is there`);
}

const withoutPull = [
  `Give the engine the image ${baseImage} in one of these ways, then run this again:`,
  `  docker pull ${baseImage}                                     (with a way to the registry)`,
  `  docker save ${baseImage} | ssh <here> docker load            (on a machine that has it)`,
  `  sudo npm run engine -- --base                                (on Debian or Ubuntu, from packages)`,
].join("\n");

async function isThere(engine) {
  return (await call(engine, "GET", `/images/${baseImage}/json`)).status === 200;
}

/** @returns {Promise<string | undefined>} the problem, undefined when the image is there */
async function pull(engine) {
  try {
    const path = `/images/create?fromImage=${repository}&tag=${tag}`;
    const answer = await call(engine, "POST", path, { idleMs: pullIdleMs });
    return problemIn(answer);
  } catch (error) {
    return error.message;
  }
}

/** The engine answers 200 and reports what goes wrong later as one of its JSON lines. */
export function problemIn({ status, body }) {
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  const messages = lines.map((line) => JSON.parse(line)).map(({ error, message }) => error ?? message);
  const problem = messages.find((message) => message !== undefined);
  return problem ?? (status === 200 ? undefined : `status ${status}`);
}

async function makeFromPackages(engine) {
  const options = leftOut.map((rule) => `--dpkgopt=${rule}`);
  const args = ["--quiet", "--variant=minbase", "--mode=auto", ...options, "trixie", "-"];
  const maker = spawn("mmdebstrap", args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(maker, "close");

  const path = `/images/create?fromSrc=-&repo=${repository}&tag=${tag}&changes=${encodeURIComponent('CMD ["bash"]')}`;
  const request = engineRequest(engine, {
    method: "POST",
    path,
    headers: { "content-type": "application/x-tar" },
  });
  const answer = once(request, "response").then(([response]) => answerOf(response));
  // Seen to below; here only so that a failure during the transfer is not an unhandled one.
  answer.catch(() => {});
  // Ended by hand: the engine must not keep half an archive as an image.
  maker.stdout.pipe(request, { end: false });
  request.once("error", () => maker.kill());

  const [code] = await ended.catch((error) => [error.message]);
  if (code === 0) request.end();
  else
    request.destroy(new Error(`mmdebstrap failed (${code ?? "ended by a signal"}); see its message above`));
  const problem = await answer.then(problemIn, (error) => error.message);
  if (problem !== undefined) throw new ScriptError(`${baseImage} could not be made: ${problem}.`);
}
