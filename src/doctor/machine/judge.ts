import { type Finding, fail, ok, warn } from "../finding.js";
import type { EngineFacts, MachineFacts } from "./facts.js";

const OLDEST_NODE = 20;
/** All images of the project together take about 2 GB, and the engine needs room to build them. */
const LITTLE_DISK_BYTES = 6e9;
const NO_DISK_BYTES = 1e9;

/** What the facts about a machine mean for whoever wants to run an emulator on it. Pure. */
export function judgeMachine(facts: MachineFacts): Finding[] {
  const { engine } = facts;
  return [
    judgeNode(facts.node),
    ...("problem" in engine ? [judgeNoEngine(facts, engine.problem)] : judgeEngine(engine)),
    judgeChoice(facts.choice),
    ...facts.limitsNotInForce.map((limit) =>
      warn("limits", `not in force: ${limit}`, "Mind it when you test what happens at a limit."),
    ),
    ...judgeDisk(facts.disk),
    judgePort(facts.port),
  ];
}

function judgeNode(version: string): Finding {
  if (Number.parseInt(version, 10) >= OLDEST_NODE) return ok("node", `Node.js ${version}`);
  const fix = `Install Node.js ${OLDEST_NODE} or later.`;
  return fail("node", `Node.js ${version} is too old`, fix);
}

function judgeNoEngine({ choice }: MachineFacts, problem: string): Finding {
  const fix =
    "Start Docker, or name its address with --docker-host or DOCKER_HOST; on Debian or Ubuntu: npm run engine.";
  // What the message advises stands in the fix.
  const text = problem.replace(/\. Start Docker.*$/, "");
  return "problem" in choice ? fail("engine", text, fix) : warn("engine", text, fix);
}

function judgeEngine(engine: EngineFacts): Finding[] {
  const { version, platform, system, address, images, missingLimits } = engine;
  const findings = [ok("engine", `Docker ${version} (${platform}, ${system}) at ${address}`)];
  const wanting = images.filter(({ state }) => state !== "present");
  if (wanting.length === 0) {
    findings.push(ok("images", `all ${images.length} are there and up to date`));
  } else {
    const list = wanting.map(({ name, state }) => `${name} (${state})`).join(", ");
    const fix = "The first start builds what its pools need; all of them: images build.";
    findings.push(warn("images", list, fix));
  }
  if (missingLimits.length === 0) {
    findings.push(ok("limits", "memory, CPU and process limits are in force"));
  } else {
    const text = `the engine's kernel has no limit for ${missingLimits.join(", ")}: a session can take what it wants`;
    const fix = "Boot with the control groups switched on (cgroup_enable=memory), or restart the engine.";
    findings.push(warn("limits", text, fix));
  }
  return findings;
}

function judgeChoice(choice: MachineFacts["choice"]): Finding {
  if (!("problem" in choice)) return ok("runtime", `${choice.runtime}: ${choice.reason}`);
  return fail("runtime", choice.problem, "Without a runtime no emulator can start.");
}

function judgeDisk(disk: MachineFacts["disk"]): Finding[] {
  if (!disk) return [];
  const text = `${(disk.freeBytes / 1e9).toFixed(1)} GB free at ${disk.path}`;
  const fix =
    "Make room: docker system df tells what fills the engine's disk, docker system prune removes it.";
  if (disk.freeBytes < NO_DISK_BYTES) return [fail("disk", text, fix)];
  if (disk.freeBytes < LITTLE_DISK_BYTES) return [warn("disk", text, fix)];
  return [ok("disk", text)];
}

function judgePort({ host, port, holder }: MachineFacts["port"]): Finding {
  const check = "port";
  if (port === 0) return ok(check, "any free one is taken");
  if (holder === "nobody") return ok(check, `${host}:${port} is free`);
  if (holder === "an emulator") return ok(check, `an emulator runs on ${port} already`);
  const fix = "Stop the program that listens there, or start with another --port; 0 takes any free one.";
  return fail(check, `${host}:${port} is in use, and not by an emulator`, fix);
}
