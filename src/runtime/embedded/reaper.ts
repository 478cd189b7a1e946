import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Reads which process groups there are (`+ 12`, `- 12`), and ends them all when its input ends without a word: a
 * stopped process cannot notice the emulator's end by itself. Then it removes what it was started for.
 */
const PROGRAM = `trap '' INT HUP TERM
groups=' '
while read -r sign group; do
  case $sign in
    +) groups="$groups$group " ;;
    -) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
    done) exit 0 ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
tries=20
for group in $groups; do
  while [ $tries -gt 0 ] && kill -0 "-$group" 2>/dev/null; do sleep 0.1; tries=$((tries - 1)); done
done
rm -rf "$@"`;

/** A second process that outlives this one, whatever ends it, and then ends its sessions. */
export interface Reaper {
  /** A process group is to be ended, too. */
  add(group: number): void;
  /** It has ended. */
  remove(group: number): void;
  /** Ends the reaper; everything is in order. */
  dismiss(): void;
}

/** @param folders what is removed when this process has died */
export function startReaper(folders: readonly string[]): Reaper {
  const child: ChildProcess = spawn("/bin/sh", ["-c", PROGRAM, "dse-reaper", ...folders], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  child.on("error", () => undefined);
  child.unref();
  const input = child.stdin as Socket;
  input.on("error", () => undefined);
  input.unref();
  return {
    add: (group) => input.write(`+ ${group}\n`),
    remove: (group) => input.write(`- ${group}\n`),
    dismiss: () => input.end("done\n"),
  };
}
