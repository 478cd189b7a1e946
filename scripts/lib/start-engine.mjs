import { spawn, spawnSync } from "node:child_process";
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askedInVain, engineVersion, findEngine, ping, usualSocket } from "./engine.mjs";
import { installPackages, isDebianLike, isRoot } from "./machine.mjs";
import { ScriptError, say } from "./project.mjs";
import { run } from "./run.mjs";

const usualAddress = `unix://${usualSocket}`;
const logFile = join(tmpdir(), "dynamic-sessions-dockerd.log");
const lockFile = join(tmpdir(), "dynamic-sessions-engine.lock");

/** A first start of dockerd on a slow machine. */
const startTimeoutMs = 90_000;

/**
 * Makes sure that a Docker engine answers; starts, and as a last resort installs, one. Safe to call twice, also at
 * the same time.
 * @returns {Promise<string>} its address, as DOCKER_HOST writes it
 */
export async function ensureEngine() {
  const { address, tried } = await findEngine();
  if (address !== undefined) {
    say(`a Docker engine answers: ${await engineVersion(address)} at ${address}`);
    return address;
  }
  say(askedInVain(tried));
  const advice = adviceFor({ tried, platform: process.platform, root: isRoot(), debianLike: isDebianLike() });
  if (advice !== undefined) throw new ScriptError(advice);
  return withLock(startEngine);
}

/**
 * What a person has to do, where this script cannot start an engine by itself; undefined where it can.
 * @param {{ tried: { address: string, problem: string }[], platform: string, root: boolean, debianLike: boolean }} situation
 */
export function adviceFor({ tried, platform, root, debianLike }) {
  const elsewhere = tried.find(({ address }) => tried.length === 1 && address !== usualAddress);
  if (elsewhere) {
    return `DOCKER_HOST is ${elsewhere.address}, where no engine answers. Start that engine, or unset DOCKER_HOST to use one on this machine.`;
  }
  if (platform !== "linux") {
    const programs =
      platform === "darwin" ? "Docker Desktop, OrbStack or Colima (colima start)" : "Docker Desktop";
    return `Install and start ${programs}, then run this again.`;
  }
  if (tried.some(({ problem }) => problem === "EACCES" || problem === "EPERM")) {
    return "An engine is there, but this user may not use it. Run: sudo usermod -aG docker $USER, log out and in, then run this again.";
  }
  if (!debianLike) {
    return "Install Docker as https://docs.docker.com/engine/install/ says for this system, start it (sudo systemctl start docker), then run this again.";
  }
  if (!root) {
    return [
      "Starting an engine needs root. Run one of these, then this again:",
      "  sudo systemctl start docker            (Docker is installed)",
      "  sudo apt-get install -y docker.io      (it is not)",
      "  sudo npm run engine                    (does what is needed)",
    ].join("\n");
  }
  return undefined;
}

async function startEngine() {
  // Another run may have started it while this one waited for the lock.
  if ((await ping(usualAddress)) === undefined) return ready();
  if (!isOnPath("dockerd")) {
    await installPackages(["docker.io", "docker-compose", "iptables"]);
    // The package's own script may start the daemon.
    if (await answersWithin(5_000)) return ready();
  }
  if (isLiveSystemd() && hasDockerUnit()) {
    say("starting the engine: systemctl start docker");
    const code = await run("systemctl", ["start", "docker"]);
    if (code !== 0) throw new ScriptError("systemctl start docker failed. See: journalctl -u docker");
    if (await answersWithin(startTimeoutMs)) return ready();
    throw new ScriptError("docker.service is started, but no engine answers. See: journalctl -u docker");
  }
  say(`starting the engine: dockerd, log in ${logFile}`);
  await startDaemon();
  return ready();
}

async function startDaemon() {
  const log = openSync(logFile, "w");
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", log, log] });
  let ended;
  daemon.once("exit", (code, signal) => {
    ended = `dockerd ended (${signal ?? `exit code ${code}`})`;
  });
  daemon.once("error", (error) => {
    ended = error.message;
  });
  daemon.unref();
  if (await answersWithin(startTimeoutMs, () => ended !== undefined)) return;
  // A daemon that ended because another one starts at this moment is no failure.
  if (ended !== undefined && (await answersWithin(5_000))) return;
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n").slice(-8);
  const problem = ended ?? `dockerd does not answer after ${startTimeoutMs / 1000} s`;
  throw new ScriptError(
    [`${problem}. The end of ${logFile}:`, ...lines.map((line) => `  ${line}`)].join("\n"),
  );
}

async function ready() {
  say(`the Docker engine answers: ${await engineVersion(usualAddress)} at ${usualAddress}`);
  return usualAddress;
}

async function answersWithin(ms, givenUp = () => false) {
  const end = Date.now() + ms;
  do {
    if ((await ping(usualAddress)) === undefined) return true;
    await sleep(300);
  } while (Date.now() < end && !givenUp());
  return false;
}

function isOnPath(program) {
  return (process.env.PATH ?? "")
    .split(":")
    .some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** As sd_booted(3). */
function isLiveSystemd() {
  return existsSync("/run/systemd/system");
}

function hasDockerUnit() {
  return spawnSync("systemctl", ["cat", "docker.service"], { stdio: "ignore" }).status === 0;
}

/** One run at a time; a lock whose owner is gone does not count. */
async function withLock(body) {
  for (let told = false; !takeLock(); told = true) {
    if (!told) say("another run of this script is starting the engine; waiting for it");
    await sleep(500);
  }
  try {
    return await body();
  } finally {
    rmSync(lockFile, { force: true });
  }
}

function takeLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!ownerLives()) rmSync(lockFile, { force: true });
  return false;
}

function ownerLives() {
  try {
    const owner = Number(readFileSync(lockFile, "utf8"));
    // Empty for the moment between the file's creation and its content.
    return owner === 0 || process.kill(owner, 0);
  } catch {
    return false;
  }
}
