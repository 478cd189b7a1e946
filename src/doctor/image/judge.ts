import { type Finding, fail, ok, warn } from "../finding.js";
import { readConfig } from "./config-file.js";
import type { ExaminationFacts, ImageFacts, SeenFacts, TrialFacts, UserFacts } from "./facts.js";
import { answersAsInterpreter, hasFailedCalls, judgeCalls } from "./judge-calls.js";
import { judgeConfig, judgeKernel } from "./judge-config.js";

/** A first request waits as long, unless instances are kept ready. */
const LONG_START_MS = 10_000;
const HIGH_MEMORY_SHARE = 0.8;
/** The only platform of Azure Container Apps (byoc 2.1). */
const AZURE_ARCHITECTURE = "amd64";

const EGRESS_FIX = "Write sessionNetworkStatus: EgressEnabled, or put into the image what it fetches.";

/** What the facts about an image mean for whoever wants to run it in a custom pool. Pure. */
export function judgeImage(facts: ExaminationFacts): Finding[] {
  const { image, trials } = facts;
  const [first] = trials;
  const ready = trials.find(({ end }) => end.kind === "ready");
  const config = readConfig(image);
  const seen = ready?.seen;
  const hasConfig = config.kind !== "absent";
  // A file that the base image left counts only where its program runs, or where nothing is known of that.
  const isInterpreter = seen ? answersAsInterpreter(seen.calls) : hasConfig;
  return [
    judgeArchitecture(image, facts.engineArchitecture),
    ...judgePort(first, ready, image),
    ...judgeStart(facts, ready),
    ...judgeEgress(facts, ready),
    ...(isInterpreter ? judgeConfig(image, config, ready?.targetPort ?? first.targetPort) : []),
    ...(isInterpreter && ready ? judgeKernel(image, config, ready) : []),
    ...(seen
      ? [
          judgeUser(image, seen.users),
          judgeDataFolder(seen.users, isInterpreter),
          ...judgeCalls(seen.calls, config.settings.spec.healthProbe.endpoint, hasConfig),
          ...judgeMemory(seen.memory),
        ]
      : judgeFolderUnseen(image, isInterpreter)),
  ];
}

function judgeArchitecture({ architecture, reference }: ImageFacts, engine: string): Finding {
  if (architecture !== engine) {
    const text = `the image is for ${architecture}, the engine for ${engine}: it runs slowly through emulation, or not at all`;
    return warn(
      "architecture",
      text,
      `Build it for this machine too: docker build --platform linux/${engine}`,
    );
  }
  if (architecture === AZURE_ARCHITECTURE) return ok("architecture", `${architecture}, as on Azure`);
  const text = `${architecture} runs here; Azure runs ${AZURE_ARCHITECTURE} only`;
  const fix = `Before you deploy it: docker build --platform linux/${AZURE_ARCHITECTURE} -t ${reference} …`;
  return warn("architecture", text, fix);
}

function judgePort(
  { targetPort, end }: TrialFacts,
  ready: TrialFacts | undefined,
  { exposedPorts }: ImageFacts,
): Finding[] {
  if (ready?.targetPort === targetPort) return [ok("port", `it listens on ${targetPort}`)];
  if (end.kind === "ready" || end.failure !== "not-listening") return [];
  if (end.ports.length > 0) {
    const [port] = end.ports;
    const text = `nothing listens on ${targetPort}; it listens on ${end.ports.join(", ")}`;
    return [fail("port", text, `Write targetPort: ${port} (--target-port ${port}).`, [])];
  }
  const exposed = exposedPorts.filter((port) => port !== targetPort);
  const hint = exposed.length > 0 ? ` Its Dockerfile exposes ${exposed.join(", ")}: is that the port?` : "";
  const text = `nothing listens on ${targetPort} or on any other port`;
  return [fail("port", text, `Its program must listen on the target port.${hint}`, end.log)];
}

function judgeStart(facts: ExaminationFacts, ready: TrialFacts | undefined): Finding[] {
  const [first] = facts.trials;
  const limitMs = facts.limitSeconds * 1000;
  if (ready?.end.kind === "ready") {
    const took = `${(ready.end.elapsedMs / 1000).toFixed(1)} s`;
    if (ready.end.elapsedMs > limitMs) {
      const text = `ready after ${took}, later than the ${facts.limitSeconds} s that a pool waits`;
      const enough = Math.ceil((ready.end.elapsedMs * 1.5) / 1000);
      const fix = `Start faster, or start the emulator with --startup-timeout-seconds ${enough}.`;
      return [fail("start-up", text, fix)];
    }
    if (ready.end.elapsedMs > LONG_START_MS) {
      const text = `ready after ${took}: a new identifier waits as long when no instance is ready`;
      return [warn("start-up", text, "Start faster, or raise readySessionInstances.")];
    }
    return [ok("start-up", `ready after ${took}`)];
  }
  // The port's finding says it.
  if (first.end.kind === "ready" || first.end.failure === "not-listening") return [];
  const { failure, message, log } = first.end;
  const text = message.replace(/^pool '[^']*': /, "");
  const fixes: Partial<Record<typeof failure, string>> = {
    "image-missing": "Build or pull the image, or correct its name.",
    "exited-at-start": "Its last lines say why; 'command', 'args' and 'env' of a pool change how it starts.",
    unhealthy: "It must answer its health check with less than 500 in time; see its last lines.",
  };
  return [fail("start-up", text, fixes[failure] ?? "Correct what the message names.", log)];
}

function judgeEgress({ trials }: ExaminationFacts, ready: TrialFacts | undefined): Finding[] {
  const [first] = trials;
  if (first.egress) return [ok("egress", "tried with a network; without --egress it is tried without")];
  if (!ready) {
    return trials.some(({ egress }) => egress) ? [ok("egress", "with a network it fails as well")] : [];
  }
  if (!ready.egress) {
    const other = trials.find(({ egress, end }) => egress && end.kind === "ready");
    if (!other) return [ok("egress", "it starts and answers without a network")];
    if (hasFailedCalls(other)) return [ok("egress", "with a network it answers no better")];
    const text = "it needs the network to work: without one it starts and fails, with one it answers";
    return [fail("egress", text, EGRESS_FIX)];
  }
  const why = first.end.kind === "failed" ? first.end.log : [];
  const text = "it needs the network to start: without one it fails, with one it becomes ready";
  return [fail("egress", text, EGRESS_FIX, why)];
}

function judgeUser({ user }: ImageFacts, users: readonly UserFacts[]): Finding {
  const names = users.map(nameOf).join(" and ");
  const runs = names ? `its processes run as ${names}` : `it runs as ${user || "root"}`;
  return ok("user", runs);
}

function judgeDataFolder(users: readonly UserFacts[], isInterpreter: boolean): Finding {
  const check = "data folder";
  const [first] = users;
  if (users.some(({ dataFolder }) => dataFolder === "missing")) {
    if (!isInterpreter) return ok(check, "no /mnt/data; only the files API of code interpreters needs one");
    const fix = "In the Dockerfile, as root: RUN install -d -m 0777 /mnt/data";
    return fail(check, "there is no /mnt/data, which files are uploaded to", fix);
  }
  const barred = users.filter(({ dataFolder }) => dataFolder === "read-only");
  if (barred.length > 0) {
    const text = `/mnt/data cannot be written by ${barred.map(nameOf).join(" and ")}`;
    const fix = "In the Dockerfile, as root: RUN install -d -m 0777 /mnt/data";
    return isInterpreter ? fail(check, text, fix) : warn(check, text, fix);
  }
  if (!first || users.some(({ dataFolder }) => dataFolder === "unknown")) {
    return ok(check, "not looked at: the image has no shell to look with; the files check tells");
  }
  return ok(check, "/mnt/data is there and can be written");
}

/** Of an image that never became ready only this can be told. */
function judgeFolderUnseen({ hasDataFolder }: ImageFacts, isInterpreter: boolean): Finding[] {
  if (hasDataFolder || !isInterpreter) return [];
  const fix = "In the Dockerfile, as root: RUN install -d -m 0777 /mnt/data";
  return [warn("data folder", "the image has no /mnt/data, unless its program makes it", fix)];
}

function judgeMemory(memory: SeenFacts["memory"]): Finding[] {
  if (!memory) return [];
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  const text = `${mebibytes(memory.usedBytes)} in use of ${mebibytes(memory.limitBytes)}`;
  if (memory.usedBytes < memory.limitBytes * HIGH_MEMORY_SHARE) return [ok("memory", text)];
  return [warn("memory", `${text} before anything has run`, "Raise the pool's 'memory', or use less.")];
}

function nameOf({ uid, name }: UserFacts): string {
  return name === "" ? `uid ${uid}` : `${name} (uid ${uid})`;
}
