import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { constants } from "node:os";
import { CappedOutput } from "./output.js";

/** How long background processes that hold the output open may delay the answer of a command that has ended. */
const BACKGROUND_GRACE_MS = 200;
/** The longest time that a timer takes. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The two output streams of a command. */
export type OutputStream = "stdout" | "stderr";

/** A command and how to run it. */
export interface CommandRequest {
  /** Program and arguments. */
  argv: readonly string[];
  /** Given whole, then its end; without it the command finds the end at once. */
  stdin?: string | undefined;
  timeoutSeconds: number;
  /** Bytes kept of each stream. */
  outputLimit: number;
  /** Working directory; made when it is missing. */
  directory: string;
  /**
   * Sees output as it comes, before any cut. The stream is not read on until what it returns has settled, so
   * that a slow reader slows the command down instead of filling the memory.
   */
  onOutput?: (stream: OutputStream, chunk: Buffer) => Promise<void>;
}

/** How a command ended (api-reference 4.9). */
export interface CommandResult {
  /** 128 + the signal's number for a command that a signal ended; -1 if it never started or ran out of time. */
  exitCode: number;
  errorName: "" | "CommandStartError" | "ExecutionTimeout";
  errorMessage: string;
  stdout: string;
  stderr: string;
  durationMs: number;
}

/**
 * Runs one command in a process group of its own. The whole group is killed at the time limit and on `cancel`;
 * what a command leaves in the background when it ends by itself goes on running.
 */
export async function runCommand(request: CommandRequest, cancel?: AbortSignal): Promise<CommandResult> {
  const started = performance.now();
  const stdout = new CappedOutput(request.outputLimit);
  const stderr = new CappedOutput(request.outputLimit);
  const end = await startAndWait(request, { stdout, stderr }, cancel);
  const isTimeout = end.errorName === "ExecutionTimeout";
  const durationMs = isTimeout ? request.timeoutSeconds * 1000 : Math.round(performance.now() - started);
  return { ...end, stdout: stdout.toString(), stderr: stderr.toString(), durationMs };
}

type Kept = Record<OutputStream, CappedOutput>;
type CommandEnd = Pick<CommandResult, "exitCode" | "errorName" | "errorMessage">;

async function startAndWait(request: CommandRequest, kept: Kept, cancel?: AbortSignal): Promise<CommandEnd> {
  const { directory, timeoutSeconds } = request;
  let child: ChildProcessWithoutNullStreams;
  try {
    await mkdir(directory, { recursive: true });
    const [program = "", ...args] = request.argv;
    child = spawn(program, args, { cwd: directory, detached: true });
  } catch (error) {
    return startError(error as NodeJS.ErrnoException);
  }
  let timedOut = false;
  const kill = (): void => killGroup(child.pid);
  const atLimit = (): void => {
    timedOut = true;
    kill();
  };
  const timer = setTimeout(atLimit, Math.min(timeoutSeconds * 1000, LONGEST_TIMER_MS));
  cancel?.addEventListener("abort", kill, { once: true });
  try {
    const exitCode = await finished(child, request, kept);
    if (!timedOut) return { exitCode, errorName: "", errorMessage: "" };
    const errorMessage = `Command execution timed out after ${timeoutSeconds} seconds`;
    return { exitCode: -1, errorName: "ExecutionTimeout", errorMessage };
  } catch (error) {
    return startError(error as NodeJS.ErrnoException);
  } finally {
    clearTimeout(timer);
    cancel?.removeEventListener("abort", kill);
  }
}

/** Resolves with the exit code; rejects if the command could not be started. */
function finished(
  child: ChildProcessWithoutNullStreams,
  { stdin, onOutput }: CommandRequest,
  kept: Kept,
): Promise<number> {
  let over = false;
  let waitingForReader = 0;
  const read = (name: OutputStream): void => {
    const stream = child[name];
    // Read on after the answer too: a background process must not stop at a full pipe.
    stream.on("data", (chunk: Buffer) => {
      if (over) return;
      kept[name].append(chunk);
      if (onOutput === undefined) return;
      stream.pause();
      waitingForReader++;
      void onOutput(name, chunk).finally(() => {
        waitingForReader--;
        stream.resume();
      });
    });
  };
  return new Promise<number>((resolve, reject) => {
    read("stdout");
    read("stderr");
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(exitCodeOf(code, signal)));
    // A background process may keep the streams open for ever. What the command itself wrote is in the pipes
    // when it exits, so it has been read when a timer set then runs out.
    child.on("exit", (code, signal) => {
      const settle = (): void => {
        if (waitingForReader === 0) resolve(exitCodeOf(code, signal));
        else setTimeout(settle, BACKGROUND_GRACE_MS);
      };
      setTimeout(settle, BACKGROUND_GRACE_MS);
    });
    // A command that does not read its input closes the pipe, which is no error of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(stdin ?? "");
  }).finally(() => {
    over = true;
  });
}

function startError(error: NodeJS.ErrnoException): CommandEnd {
  const reason =
    error.code === "E2BIG"
      ? "the command is too long: the system takes less than 128 KiB as one argument. Upload it as a file and run that"
      : error.message;
  return {
    exitCode: -1,
    errorName: "CommandStartError",
    errorMessage: `Cannot start the command: ${reason}`,
  };
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
function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
