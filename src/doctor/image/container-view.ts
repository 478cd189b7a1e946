import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { engineError } from "../../runtime/docker/engine.js";
import { LABEL } from "../../runtime/docker/labels.js";
import { demultiplex } from "../../runtime/docker/logs.js";
import { USUAL_CONFIG } from "./config-file.js";
import type { ImageFacts, SeenFacts, UserFacts } from "./facts.js";
import { firstFileOfTar } from "./tar.js";

const COMMAND_TIMEOUT_MS = 20_000;
const DATA_FOLDER = "/mnt/data";

/** Exit codes of the look at the data folder. */
const dataFolderStates: Record<number, UserFacts["dataFolder"]> = {
  0: "writable",
  3: "missing",
  4: "read-only",
};
const LOOK_AT_DATA_FOLDER = `id -un 2>/dev/null
[ -d ${DATA_FOLDER} ] || exit 3
f=${DATA_FOLDER}/.dse-doctor-$$
(: > "$f") 2>/dev/null || exit 4
rm -f "$f"`;
const LIST_KERNELS = `for c in /home/ubuntu/snenv/bin/jupyter-kernelspec jupyter-kernelspec; do
command -v $c >/dev/null 2>&1 && HOME=/home/ubuntu exec $c list --json 2>/dev/null
done
exit 9`;

/**
 * Reads what an image says of itself and what lies in it. A container is made for that and removed; nothing runs.
 * @throws the engine's error when it has no such image
 */
export async function readImage(docker: Docker, reference: string, emulatorId: string): Promise<ImageFacts> {
  const { Architecture, Config } = await docker.getImage(reference).inspect();
  const env = Object.fromEntries(
    (Config.Env ?? []).map((entry) => {
      const mark = entry.indexOf("=");
      return [entry.slice(0, mark), entry.slice(mark + 1)] as const;
    }),
  );
  const configPath = env.CODE_INTERPRETER_CONFIG_FILE_PATH || USUAL_CONFIG;
  const container = await docker.createContainer({
    Image: reference,
    // Never run; the engine refuses an image without any command.
    Cmd: ["true"],
    Labels: { [LABEL.emulator]: emulatorId, [LABEL.role]: "look" },
    HostConfig: { NetworkMode: "none" },
  });
  try {
    const config = await archive(container, configPath);
    return {
      reference,
      architecture: Architecture,
      user: Config.User ?? "",
      env,
      exposedPorts: Object.keys(Config.ExposedPorts ?? {}).map((port) => Number.parseInt(port, 10)),
      configPath,
      configText: config && firstFileOfTar(config)?.toString("utf8"),
      hasDataFolder: await exists(container, DATA_FOLDER),
    };
  } finally {
    await container.remove({ force: true });
  }
}

/** Looks into a running container: its processes' users, what they may do, the kernels. */
export async function lookInside(
  docker: Docker,
  containerId: string,
): Promise<Pick<SeenFacts, "users" | "kernels">> {
  const container = docker.getContainer(containerId);
  const users: UserFacts[] = [];
  for (const uid of await uidsOf(container)) {
    const { exitCode, output } = await run(docker, container, LOOK_AT_DATA_FOLDER, uid);
    const name = /^[\w.-]+$/.exec(output.split("\n")[0]?.trim() ?? "")?.[0] ?? "";
    users.push({ uid, name, dataFolder: dataFolderStates[exitCode] ?? "unknown" });
  }
  // As the user of the kernel, where that is another than root.
  const uid = users.find((user) => user.uid !== 0)?.uid ?? 0;
  const { exitCode, output } = await run(docker, container, LIST_KERNELS, uid);
  return { users, kernels: exitCode === 0 ? kernelNames(output) : undefined };
}

/** Memory that a container uses, without what the system could take back at once. */
export async function memoryOf(docker: Docker, containerId: string): Promise<SeenFacts["memory"]> {
  try {
    const stats = await docker.getContainer(containerId).stats({ stream: false, "one-shot": true });
    const { usage, limit, stats: parts } = stats.memory_stats;
    if (!usage || !limit) return undefined;
    // Version 1 and version 2 of control groups name it differently.
    const { total_inactive_file: v1, inactive_file: v2 } = parts as unknown as Record<string, number>;
    return { usedBytes: usage - (v1 ?? v2 ?? 0), limitBytes: limit };
  } catch {
    return undefined;
  }
}

/** Which users the processes of a container run as, ascending; none when the engine cannot tell. */
async function uidsOf(container: Docker.Container): Promise<number[]> {
  try {
    const { Titles, Processes } = await container.top({ ps_args: "-eo pid,uid" });
    const column = Titles.indexOf("UID");
    const uids = (Processes as string[][]).map((process) => Number(process[column]));
    return [...new Set(uids.filter(Number.isInteger))].sort((a, b) => a - b);
  } catch {
    return [];
  }
}

async function run(
  docker: Docker,
  container: Docker.Container,
  script: string,
  uid: number,
): Promise<{ exitCode: number; output: string }> {
  try {
    const exec = await container.exec({
      Cmd: ["sh", "-c", script],
      User: String(uid),
      AttachStdout: true,
      AttachStderr: true,
    });
    const printed = demultiplex(docker, await exec.start({}));
    const timeout = sleep(COMMAND_TIMEOUT_MS, undefined, { ref: false });
    const output = await Promise.race([printed, timeout]);
    const { ExitCode } = await exec.inspect();
    return { exitCode: ExitCode ?? -1, output: output ?? "" };
  } catch {
    return { exitCode: -1, output: "" };
  }
}

function kernelNames(output: string): string[] | undefined {
  try {
    const { kernelspecs } = JSON.parse(output.slice(output.indexOf("{"))) as { kernelspecs: object };
    return Object.keys(kernelspecs).sort();
  } catch {
    return undefined;
  }
}

async function exists(container: Docker.Container, path: string): Promise<boolean> {
  try {
    await container.infoArchive({ path });
    return true;
  } catch (error) {
    if (engineError(error).status === 404) return false;
    throw error;
  }
}

/** A file or folder of a container as a tar archive; undefined when it is not there. */
async function archive(container: Docker.Container, path: string): Promise<Buffer | undefined> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await container.getArchive({ path })) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  } catch (error) {
    if (engineError(error).status === 404) return undefined;
    throw error;
  }
}
