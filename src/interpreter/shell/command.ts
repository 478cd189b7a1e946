import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { CappedText } from "../execution/capped-text.js";

/** Longest command given as an argument; the kernel of the system refuses 128 KiB (clients 2.4). */
const LONGEST_ARGUMENT_BYTES = 100 * 1024;
/** Time for pipes held by background processes to close after the command itself has ended. */
const PIPE_GRACE_MS = 200;

/** A command and how to run it. Either `shellCommand` or `execCommandAndArgs`. */
export interface CommandRequest {
  shellType: "bash" | "sh";
  shellCommand?: string | undefined;
  execCommandAndArgs?: string[] | undefined;
  stdin?: string | undefined;
  timeoutSeconds: number;
  /** Characters kept of each stream. */
  outputLimit: number;
  /** Working directory. */
  directory: string;
  /** Sees output as it comes, before any cut. */
  onOutput?: (stream: "stdout" | "stderr", text: string) => void;
}

/** How a command ended (api-reference 4.9). */
export interface CommandResult {
  exitCode: number;
  errorName: "" | "CommandStartError" | "ExecutionTimeout";
  errorMessage: string;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/** Runs one command in a process group of its own, which is killed as a whole at the time limit. */
export async function runCommand(request: CommandRequest, cancel?: AbortSignal): Promise<CommandResult> {
  const { argv, cleanUp } = await argvOf(request);
  try {
    return await runArgv(argv, request, cancel);
  } finally {
    await cleanUp();
  }
}

async function argvOf(request: CommandRequest): Promise<{ argv: string[]; cleanUp: () => Promise<void> }> {
  const nothing = async () => {};
  if (request.execCommandAndArgs !== undefined) return { argv: request.execCommandAndArgs, cleanUp: nothing };
  const command = request.shellCommand ?? "";
  // A login shell, so that the profile's PATH applies (api-reference 4.9).
  const shell = request.shellType === "sh" ? ["/bin/sh"] : ["/bin/bash", "-l"];
  if (Buffer.byteLength(command) <= LONGEST_ARGUMENT_BYTES) {
    return { argv: [...shell, "-c", command], cleanUp: nothing };
  }
  const script = join(tmpdir(), `command-${randomUUID()}.sh`);
  await writeFile(script, command, { mode: 0o755 });
  return { argv: [...shell, script], cleanUp: () => rm(script, { force: true }) };
}

function runArgv(argv: string[], request: CommandRequest, cancel?: AbortSignal): Promise<CommandResult> {
  const started = performance.now();
  const stdout = new CappedText(request.outputLimit);
  const stderr = new CappedText(request.outputLimit);
  return new Promise((resolve) => {
    const [file = "", ...args] = argv;
    const child = spawn(file, args, {
      cwd: request.directory,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    let timedOut = false;
    const kill = () => killGroup(child.pid);
    const timer = setTimeout(
      () => {
        timedOut = true;
        kill();
      },
      Math.min(request.timeoutSeconds * 1000, 2 ** 31 - 1),
    );
    cancel?.addEventListener("abort", kill, { once: true });

    const collect = (name: "stdout" | "stderr", into: CappedText) => {
      // Characters may be split between chunks.
      const decoder = new StringDecoder("utf8");
      child[name].on("data", (chunk: Buffer) => {
        const text = decoder.write(chunk);
        into.append(text);
        request.onOutput?.(name, text);
      });
    };
    collect("stdout", stdout);
    collect("stderr", stderr);

    let settled = false;
    const finish = (end: Pick<CommandResult, "exitCode" | "errorName" | "errorMessage">) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      cancel?.removeEventListener("abort", kill);
      const durationMs = timedOut ? request.timeoutSeconds * 1000 : Math.round(performance.now() - started);
      resolve({ ...end, stdout: stdout.toString(), stderr: stderr.toString(), durationMs });
    };
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (timedOut) {
        const errorMessage = `Command execution timed out after ${request.timeoutSeconds} seconds`;
        finish({ exitCode: -1, errorName: "ExecutionTimeout", errorMessage });
      } else {
        finish({ exitCode: code ?? signalExitCode(signal), errorName: "", errorMessage: "" });
      }
    };
    child.on("error", (error) => {
      finish({
        exitCode: -1,
        errorName: "CommandStartError",
        errorMessage: `Cannot start the command: ${error.message}`,
      });
    });
    child.on("close", ended);
    // A background process may hold the pipes open for ever; the command is over when it has exited.
    child.on("exit", (code, signal) => setTimeout(() => ended(code, signal), PIPE_GRACE_MS));

    // A command that does not read its input closes the pipe, which is no error of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(request.stdin ?? "");
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The group has ended by itself.
  }
}

/** As a shell reports death by signal. */
function signalExitCode(signal: NodeJS.Signals | null): number {
  const numbers: Record<string, number> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGTERM: 15,
  };
  return 128 + (numbers[signal ?? ""] ?? 0);
}
