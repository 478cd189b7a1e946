import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/** What is put around a session's process. */
export interface Seal {
  /** In words, for people: what holds a session beside Node's permission model. */
  inWords: string;
  /** The command that runs `command` within the seal. */
  around(command: readonly string[], bounds: Bounds): string[];
}

/** What the seal leaves to a process. */
export interface Bounds {
  /** An empty folder: its own root is mounted there. */
  rootFolder: string;
  /** The one folder that it may write to. */
  writableFolder: string;
  /** Files and folders that it can see; nothing else of the machine exists for it. */
  visible: readonly string[];
  /** Bytes that it may take, all in all. */
  dataBytes: number;
}

/** Programs and libraries that Node itself needs. */
const SYSTEM = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/dev/null", "/dev/urandom"];
const TOOLS_PATH = "/usr/sbin:/usr/bin:/sbin:/bin";
const PROBE_WITHIN_MS = 10_000;

/** Bounds of memory only, with what every POSIX shell has: kilobytes of data, no core files. */
const LIMITS = 'ulimit -c 0; [ "$1" = 0 ] || ulimit -d "$1"; shift;';

/**
 * A root of its own, in which only what it needs is mounted; run in a new mount namespace. Then every capability is
 * given up, and with them the way back.
 */
const OWN_ROOT = `set -eu; ${LIMITS}
root=$1; writable=$2; shift 2
mount -t tmpfs -o size=1m,mode=755 none "$root"
while [ "$1" != -- ]; do
  if [ -d "$1" ]; then mkdir -p "$root$1"; else mkdir -p "$root\${1%/*}"; : > "$root$1"; fi
  mount --bind "$1" "$root$1"
  mount -o remount,bind,ro "$root$1"
  shift
done
shift
mkdir -p "$root$writable"
mount --bind "$writable" "$root$writable"
mount -o remount,ro "$root"
exec chroot "$root" "$@"`;

/**
 * The strongest seal that works on this machine, found out by trying.
 * @param folder a folder to try in
 */
export async function findSeal(folder: string): Promise<Seal> {
  if (process.platform !== "linux") return plainSeal("on this system no namespaces");
  const [setpriv, unshare] = await Promise.all(["setpriv", "unshare"].map(findTool));
  if (!setpriv || !unshare) return plainSeal("no namespaces, for lack of util-linux' setpriv and unshare");
  const seal = namespaceSeal(setpriv, unshare);
  const problem = await problemOf(seal, folder);
  return problem === undefined ? seal : plainSeal(`no namespaces: ${problem}`, setpriv);
}

/** What spawns the commands of a seal passes as environment; a session's own is empty. */
export const sealEnvironment = { PATH: TOOLS_PATH };

function namespaceSeal(setpriv: string, unshare: string): Seal {
  return {
    inWords: "namespaces of their own without a network, a root of their own",
    around: (command, { rootFolder, writableFolder, visible, dataBytes }) => [
      ...[setpriv, "--pdeathsig", "KILL", unshare],
      ...[
        "--user",
        "--map-root-user",
        "--net",
        "--ipc",
        "--uts",
        "--pid",
        "--mount",
        "--fork",
        "--kill-child",
      ],
      ...["/bin/sh", "-c", OWN_ROOT, "session", kilobytes(dataBytes), rootFolder, writableFolder],
      ...outermost([...SYSTEM, setpriv, ...visible]),
      ...["--", setpriv, "--no-new-privs", "--bounding-set", "-all", "--inh-caps", "-all", ...command],
    ],
  };
}

/**
 * No seal but bounds of memory.
 * @param why in words, why there is no better one
 */
export function plainSeal(why: string, setpriv?: string): Seal {
  return {
    inWords: why,
    around: (command, { dataBytes }) => [
      ...(setpriv ? [setpriv, "--pdeathsig", "KILL", "--no-new-privs"] : []),
      ...["/bin/sh", "-c", `${LIMITS} exec "$@"`, "session"],
      // Elsewhere this limit counts what nobody uses, too.
      process.platform === "linux" ? kilobytes(dataBytes) : "0",
      ...command,
    ],
  };
}

function kilobytes(bytes: number): string {
  return String(Math.ceil(bytes / 1024));
}

/** Without those that lie below another one. */
function outermost(paths: readonly string[]): string[] {
  const all = [...new Set(paths)];
  return all.filter((one) => !all.some((other) => one !== other && one.startsWith(`${other}/`)));
}

async function findTool(name: string): Promise<string | undefined> {
  for (const folder of TOOLS_PATH.split(":")) {
    const file = path.join(folder, name);
    if (
      await fs.access(file, fs.constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return fs.realpath(file);
  }
  return undefined;
}

/** Runs a program within the seal that looks around; undefined when it saw nothing that it should not see. */
async function problemOf(seal: Seal, folder: string): Promise<string | undefined> {
  const rootFolder = path.join(folder, "root");
  const writableFolder = path.join(folder, "writable");
  await Promise.all([rootFolder, writableFolder].map((one) => fs.mkdir(one, { recursive: true })));
  const look =
    "const fs=require('fs');fs.writeFileSync(process.argv[1]+'/x','');" +
    "console.log(JSON.stringify([fs.existsSync('/etc/passwd'),Object.keys(require('os').networkInterfaces()).length]))";
  const bounds = { rootFolder, writableFolder, visible: [process.execPath], dataBytes: 2 ** 31 };
  const [file = "", ...args] = seal.around([process.execPath, "-e", look, writableFolder], bounds);
  try {
    const options = { env: sealEnvironment, timeout: PROBE_WITHIN_MS, killSignal: "SIGKILL" } as const;
    const { stdout } = await promisify(execFile)(file, args, options);
    return stdout.trim() === "[false,0]" ? undefined : `they do not hold (${stdout.trim()})`;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return (stderr?.trim().split("\n")[0] || (error as Error).message).slice(0, 200);
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
