import type Docker from "dockerode";
import { RuntimeError } from "../../runtime.js";
import { engineError } from "../engine.js";
import { asEngineSees } from "./engine-folder.js";
import { folderReach } from "./folder-reach.js";
import { GateLostError } from "./gate-call.js";
import { openGateReach } from "./gate-reach.js";
import { whyUnreachable } from "./probe.js";
import type { Reach } from "./reach.js";

/** What the way to the sessions depends on. */
export interface ReachChoice {
  /** `socket` and `gate` are forced; `auto` takes sockets wherever they work. */
  reach: "auto" | "socket" | "gate";
  docker: Docker;
  /** Engine's address, as people write it. */
  engineAddress: string;
  emulatorId: string;
  stateDir: string;
  /** The engine has it. */
  relayImage: string;
}

/**
 * Finds the way to the sessions, and tries it. The isolation of a session is the same in each; there is no other
 * way that would be taken when none works.
 * @throws RuntimeError `start-failed` that says what to do
 */
export async function openReach(choice: ReachChoice): Promise<Reach> {
  const { docker, stateDir } = choice;
  let problem = "";
  if (choice.reach !== "gate" && (choice.reach === "socket" || mayShareFolders(choice.engineAddress))) {
    const reach = folderReach(stateDir, await asEngineSees(docker, stateDir));
    const why = await whyUnreachable(reach, choice);
    if (why === undefined) return reach;
    problem = `the sockets of sessions in ${stateDir} do not reach this process (${why})`;
    if (choice.reach === "socket")
      throw new RuntimeError("start-failed", `--reach socket: ${problem}. ${ADVICE}`);
  }
  try {
    return await openGateReach(choice);
  } catch (error) {
    const { message } = engineError(error);
    const why = error instanceof GateLostError ? `${message}. ${advice(choice)}` : message;
    const also = problem && ` Sockets: ${problem}.`;
    throw new RuntimeError("start-failed", `the gate to the sessions: ${why}${also}`, "", { cause: error });
  }
}

/** A folder of this machine means something to an engine on the same machine. Elsewhere sockets do not cross. */
function mayShareFolders(engineAddress: string): boolean {
  return process.platform === "linux" && /^(unix:\/\/)?\//.test(engineAddress);
}

const ADVICE =
  "Leave --reach to itself, or, where the emulator runs in a container, mount a volume at its state folder (--state-dir)";

function advice({ engineAddress }: ReachChoice): string {
  return (
    `It listens on the loopback of the machine that the engine (${engineAddress}) runs on, and on no other address. ` +
    "If that is another machine, run the emulator there and come to it through a tunnel (ssh -L 4380:127.0.0.1:4380 HOST). " +
    "If the emulator runs in a container, mount a volume at its state folder (--state-dir)"
  );
}
