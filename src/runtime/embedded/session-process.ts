import { type ChildProcess, spawn } from "node:child_process";
import type { InstanceExit } from "../runtime.js";
import { sealEnvironment } from "./seal.js";

/** Characters kept of what a session's process prints. */
const LOG_CHARACTERS = 8_192;
/** What V8 and the system say when memory is used up. */
const OUT_OF_MEMORY = /out of memory|Allocation failed|ERR_WORKER_OUT_OF_MEMORY|bad_alloc/i;

/** The process of a session; it leads a process group of its own. */
export interface SessionProcess {
  group: number;
  /** Settles once, when it has ended. Never rejects. */
  exited: Promise<InstanceExit>;
  /** The last lines that it printed. */
  logs(): string;
}

/**
 * Starts a session's process. Its environment is nothing but its order; it ends when its standard input does.
 * @throws Error when there is no such program
 */
export async function startProcess(command: readonly string[], order: object): Promise<SessionProcess> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, {
    cwd: "/",
    detached: true,
    env: { ...sealEnvironment, DSE_EMBEDDED: JSON.stringify(order) },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-LOG_CHARACTERS);
    });
  }
  child.stdin.on("error", () => undefined);
  const logs = () => printed.trim().split("\n").slice(-20).join("\n");
  const exited = endOf(child, logs);
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve).once("error", reject);
  });
  return { group: child.pid ?? 0, exited, logs };
}

function endOf(child: ChildProcess, logs: () => string): Promise<InstanceExit> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: -1, oomKilled: false, reason: error.message }));
    child.once("close", (code, signal) => {
      const oomKilled = code !== 0 && OUT_OF_MEMORY.test(logs());
      const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
      const reason = `its process ${how}${oomKilled ? " (out of memory)" : ""}`;
      resolve({ exitCode: code ?? -1, oomKilled, reason });
    });
  });
}
