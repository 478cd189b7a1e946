import { stripAnsi } from "./ansi.js";
import { firstCharacters } from "./capped-text.js";
import type { MimeBundle, RunValue } from "./value.js";

/** What went wrong in a run; `traceback` keeps the kernel's colour codes. */
export interface RunError {
  name: string;
  message: string;
  traceback: string;
  hresult: number;
}

/** Everything a finished run leaves behind. Streams are already capped. */
export interface RunOutcome {
  stdout: string;
  stderr: string;
  value: RunValue;
  /** The last result as the kernel sent it, for `returnJupyterFormatExecutionResult`. */
  bundle: MimeBundle | undefined;
  error: RunError | undefined;
  /** Milliseconds from sending the code to the end of the run. */
  durationMs: number;
}

/** `hresult` of a raw result (byoc 3.4; recordings D7). */
export const HRESULT = {
  ok: 0,
  unnamedError: -2147205117,
  error: -2147205116,
  aborted: -2147205113,
  restarted: -2147205111,
  interrupted: -2147205110,
} as const;

/** `error` message or failed reply of the kernel. */
export function kernelError(name: string, message: string, traceback: string[]): RunError {
  const hresult =
    name === "" ? HRESULT.unnamedError : name === "KeyboardInterrupt" ? HRESULT.interrupted : HRESULT.error;
  return { name, message, traceback: traceback.join("\n"), hresult };
}

/** A run that ended without the kernel saying why. Words of api-reference 4.5, names of byoc 3.4. */
export const interruption = {
  /** @param stateLost the code ignored the interrupt, and the kernel had to be restarted */
  timeout: (seconds: number, stateLost: boolean): RunError => {
    const words = `Request timed out waiting for code execution to complete after ${seconds} seconds`;
    const lost =
      "Kernel restarted: the code did not react to the interrupt, and the session's variables are lost";
    return plain("Timeout", stateLost ? `${words}\n${lost}` : words, HRESULT.interrupted);
  },
  aborted: (): RunError => plain("ExecutionAborted", "Execution aborted", HRESULT.aborted),
  restarted: (): RunError => plain("KernelRestarted", "Kernel restarted", HRESULT.restarted),
  connectionClosed: (code: number): RunError =>
    plain("ConnectionClosed", `Connection to the kernel was closed (${closeReason(code)})`, HRESULT.error),
  notConnected: (reason: string): RunError =>
    plain("ConnectionError", `The kernel cannot be reached: ${reason}`, HRESULT.error),
};

/** 1009 is what the Jupyter server says to a message beyond its limit (byoc 7.2). */
function closeReason(code: number): string {
  return code === 1009
    ? "the code is longer than the Jupyter server takes in one message; write it to a file and run that"
    : `code ${code}`;
}

function plain(name: string, message: string, hresult: number): RunError {
  return { name, message, traceback: "", hresult };
}

/** An outcome that has nothing but an error. */
export function failedOutcome(error: RunError): RunOutcome {
  return { stdout: "", stderr: "", value: undefined, bundle: undefined, error, durationMs: 0 };
}

/**
 * `result.stderr`: what the code wrote, then the error (api-reference 4.5), together at most `limit`
 * characters. Where the room is short, the error's last line is kept: it names the error, and the reader of
 * this text is mostly a model that has nothing else to go by.
 */
export function stderrWithError(
  outcome: Pick<RunOutcome, "stderr" | "error">,
  limit: number,
  keepAnsi = false,
): string {
  const { stderr, error } = outcome;
  if (error === undefined) return stderr;
  const full = error.traceback || errorLine(error);
  const text = keepAnsi ? full : stripAnsi(full);
  const written = stderr === "" || stderr.endsWith("\n") ? stderr : `${stderr}\n`;
  const whole = written + text;
  if (whole.length <= limit) return whole;
  const lastLine = text.slice(text.trimEnd().lastIndexOf("\n") + 1);
  const head = firstCharacters(whole, Math.max(0, limit - lastLine.length - 1)).text;
  return firstCharacters(head === "" ? lastLine : `${head}\n${lastLine}`, limit).text;
}

function errorLine({ name, message, hresult }: RunError): string {
  const fromUserCode = hresult === HRESULT.error || hresult === HRESULT.unnamedError;
  return fromUserCode && name !== "" && !message.startsWith(name) ? `${name}: ${message}` : message;
}
