// node scripts/soak.mjs [minutes]: random traffic over 30 identifiers while containers and relays are killed at random.
// Ends with code 1 when an answer cannot be explained by a kill, when anything is left, or when memory grew.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { ensureBuilt } from "./lib/build.mjs";
import { requireEngine } from "./lib/engine.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main, ScriptError, say } from "./lib/project.mjs";

const API_VERSION = "2025-10-02-preview";
/** Identifiers by pool: few of Python, whose kernels are costly to start. Each pool is too small for all of its own. */
const POOLS = [
  {
    name: "soak-shell",
    containerType: "Shell",
    identifiers: 24,
    maxConcurrentSessions: 16,
    readySessionInstances: 2,
  },
  {
    name: "soak-python",
    containerType: "PythonLTS",
    identifiers: 6,
    maxConcurrentSessions: 5,
    readySessionInstances: 1,
  },
];
const COOLDOWN_SECONDS = 15;
const CALLERS = 4;
const LONGEST_PAUSE_MS = 400;
const KILL_EVERY_MS = 3_000;
/** A failure counts as explained when the identifier's session was killed so shortly before, or during the call. */
const EXPLAINED_FOR_MS = 5_000;
const SAMPLE_EVERY_MS = 2_000;
/** What memory may grow by from the first quarter to the last. */
const GROWTH = { factor: 1.25, mebibytes: 30 };

/** Of an execution, and of a shell command, whose status is its exit code. */
const WELL = new Set(["Succeeded", "0"]);

/** @param {readonly number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
/** @template T @param {readonly T[]} values @returns {T} */
const oneOf = (values) => values[randomInt(values.length)];

class Soak {
  answers = new Map();
  unexplained = [];
  killedAt = new Map();
  kills = 0;
  memory = [];
  over = false;

  constructor(url, pid, docker) {
    this.url = url;
    this.pid = pid;
    this.docker = docker;
    this.identifiers = POOLS.flatMap((pool) =>
      Array.from({ length: pool.identifiers }, (_, index) => ({
        pool,
        id: `${pool.name}-user-${index + 1}`,
      })),
    );
  }

  async run(minutes) {
    const callers = Array.from({ length: CALLERS }, () => this.call());
    const others = [this.kill(), this.sample()];
    await sleep(minutes * 60_000);
    this.over = true;
    await Promise.all([...callers, ...others]);
  }

  /** One caller: a random request of a random identifier, again and again. */
  async call() {
    while (!this.over) {
      const who = oneOf(this.identifiers);
      const startedAt = Date.now();
      const { kind, wrong } = await oneOf([execute, execute, executeLong, upload, list])(this.url, who).catch(
        (error) => ({
          kind: "no answer",
          wrong: String(error.cause ?? error),
        }),
      );
      this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
      const killed = (this.killedAt.get(who.id) ?? 0) > startedAt - EXPLAINED_FOR_MS;
      if (wrong && !(killed && isLoss(kind))) this.unexplained.push(`${who.id}: ${kind}: ${wrong}`);
      await sleep(randomInt(LONGEST_PAUSE_MS));
    }
  }

  async kill() {
    while (!this.over) {
      await sleep(randomInt(KILL_EVERY_MS * 2));
      const { value } = await (await fetch(`${this.url}/_emulator/sessions`)).json();
      const sessions = value.filter(({ state }) => state === "allocated");
      if (sessions.length === 0) continue;
      const { container, identifier } = oneOf(sessions);
      this.killedAt.set(identifier, Date.now());
      const name = oneOf([container, `${container}-relay`]);
      // It may have come to its end meanwhile.
      await this.docker
        .getContainer(name)
        .kill()
        .then(
          () => (this.kills += 1),
          () => undefined,
        );
      this.killedAt.set(identifier, Date.now());
    }
  }

  async sample() {
    while (!this.over) {
      const status = await readFile(`/proc/${this.pid}/status`, "utf8");
      this.memory.push(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
      await sleep(SAMPLE_EVERY_MS);
    }
  }
}

/** What the end of a session looks like to its callers. */
function isLoss(kind) {
  return kind === "Execution aborted" || kind === "502 CodeInterpreterFailed";
}

function urlOf(url, { pool, id }, route) {
  return `${url}/pools/${pool.name}${route}?api-version=${API_VERSION}&identifier=${id}`;
}

/** @returns what came, in words, and what was wrong with it */
async function outcome(answer, check) {
  const text = await answer.text();
  const body = JSON.parse(text);
  if (answer.status === 429) return { kind: "429" };
  if (!answer.ok) return { kind: `${answer.status} ${body.error?.code}`, wrong: text };
  if (body.result?.stderr?.endsWith("Execution aborted")) {
    return { kind: "Execution aborted", wrong: text };
  }
  return check(body) ? { kind: "in order" } : { kind: "wrong answer", wrong: text };
}

async function run(url, who, seconds) {
  const request =
    who.pool.containerType === "Shell"
      ? { shellCommand: `sleep ${seconds}; echo ${who.id}` }
      : { code: `import time; time.sleep(${seconds}); print("${who.id}")` };
  const answer = await fetch(urlOf(url, who, "/executions"), {
    method: "POST",
    body: JSON.stringify(request),
  });
  return outcome(answer, (body) => WELL.has(body.status) && body.result.stdout === `${who.id}\n`);
}

const execute = (url, who) => run(url, who, 0);
const executeLong = (url, who) => run(url, who, 2);

async function upload(url, who) {
  const form = new FormData();
  form.set("file", new Blob([Buffer.alloc(randomInt(500_000), "x")]), `${who.id}.bin`);
  const answer = await fetch(urlOf(url, who, "/files"), { method: "POST", body: form });
  return outcome(answer, (body) => body.name === `${who.id}.bin`);
}

/** A session never shows what another identifier has stored. */
async function list(url, who) {
  const answer = await fetch(urlOf(url, who, "/files"));
  return outcome(answer, (body) => body.value.every(({ name }) => name === `${who.id}.bin`));
}

async function startEmulator(folder, engine) {
  const pools = POOLS.map(({ identifiers, ...pool }) => ({
    ...pool,
    cooldownPeriodInSeconds: COOLDOWN_SECONDS,
  }));
  await writeFile(path.join(folder, "pools.yaml"), JSON.stringify({ pools }));
  const program = path.resolve("dist/cli/main.js");
  const options = ["start", "--port", "0", "--state-dir", path.join(folder, "s"), "--docker-host", engine];
  const child = spawn(process.execPath, [program, ...options, "--log-format", "json"], { cwd: folder });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      if (output.length < 100_000) output += chunk;
    });
  }
  const exited = once(child, "exit");
  for (;;) {
    const url = /http:\/\/localhost:\d+(?=\/pools\/soak)/.exec(output)?.[0];
    if (url) return { child, exited, url };
    if (child.exitCode !== null) throw new ScriptError(`the emulator did not start: ${output}`);
    await sleep(100);
  }
}

/** Names of what is in the engine under an emulator's label, and in its folder. */
async function belongings(docker, emulatorId, folder) {
  const filters = { label: [`dynamic-sessions.emulator=${emulatorId}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const networks = await docker.listNetworks({ filters });
  const folders = await readdir(path.join(folder, "s", "s")).catch(() => []);
  return [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name), ...folders];
}

await main(async () => {
  const minutes = Number(process.argv[2] ?? 10);
  if (!(minutes > 0)) throw new ScriptError(`'${process.argv[2]}' is no number of minutes`);
  await ensureInstalled();
  await ensureBuilt();
  const engine = await requireEngine();
  const docker = new Docker(
    engine.startsWith("unix://") ? { socketPath: engine.slice("unix://".length) } : {},
  );
  const folder = await mkdtemp(path.join(tmpdir(), "dse-soak-"));
  const { child, exited, url } = await startEmulator(folder, engine);
  const soak = new Soak(url, child.pid, docker);
  say(`${minutes} minutes of traffic to ${url}`);
  let left;
  try {
    await soak.run(minutes);
    const { value } = await (await fetch(`${url}/_emulator/sessions`)).json();
    say(
      `sessions at the end: ${value.length}, requests under way: ${value.reduce((n, s) => n + s.requestsUnderWay, 0)}`,
    );
    await fetch(`${url}/_emulator/reset`, { method: "POST" });
  } finally {
    const emulatorId = (await readFile(path.join(folder, "s", "emulator-id"), "utf8")).trim();
    child.kill("SIGTERM");
    await exited;
    left = await belongings(docker, emulatorId, folder);
    await rm(folder, { recursive: true, force: true });
  }

  const quarter = Math.ceil(soak.memory.length / 4);
  const [first, last] = [soak.memory.slice(0, quarter), soak.memory.slice(-quarter)].map(median);
  const grew = last > first * GROWTH.factor + GROWTH.mebibytes;
  say(
    `kills: ${soak.kills}; answers: ${[...soak.answers].map(([kind, count]) => `${kind} ${count}`).join(", ")}`,
  );
  say(`memory: ${first.toFixed(0)} MiB in the first quarter, ${last.toFixed(0)} MiB in the last`);
  say(`left: ${left.length === 0 ? "nothing" : left.join(", ")}`);
  say(`unexplained: ${soak.unexplained.length === 0 ? "none" : `\n${soak.unexplained.join("\n")}`}`);
  if (left.length > 0 || soak.unexplained.length > 0 || grew)
    throw new ScriptError("The soak found faults; see above.");
});
