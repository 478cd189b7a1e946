import { type Finding, fail, ok, warn } from "../finding.js";
import { type Answer, type CallFacts, PROBE_FILE, type TrialFacts } from "./facts.js";

const SPEC = "docs/byoc.md has the interface";

/** True for an answer that only a code interpreter gives: JSON with the status of a run (byoc 3.3). */
export function isInterpreterAnswer(answer: Answer): boolean {
  const run = jsonOf(answer);
  return succeeded(answer) && (typeof run?.status === "string" || typeof run?.properties === "object");
}

/** True when a code interpreter answers, or something that means to be one. */
export function answersAsInterpreter({ executions, shellExecute }: CallFacts): boolean {
  const answers = [executions, shellExecute].filter((answer) => answer !== undefined);
  return answers.some((answer) => isInterpreterAnswer(answer) || (answer.status ?? 404) >= 500);
}

/** True when a container that became ready answers one of the calls as it must not. */
export function hasFailedCalls({ seen }: TrialFacts): boolean {
  return seen !== undefined && judgeCalls(seen.calls, "/health", false).some(({ level }) => level === "fail");
}

/**
 * One finding for each group of calls.
 * @param hasConfig the image has the interpreter's configuration file
 */
export function judgeCalls(calls: CallFacts, healthPath: string, hasConfig: boolean): Finding[] {
  const health = judgeHealth(calls.health, healthPath);
  if (answersAsInterpreter(calls)) return [health, judgeExecution(calls), judgeFiles(calls)];
  if (calls.health.error !== undefined && calls.executions.error !== undefined) return [health];
  const text =
    "a web server of its own, no code interpreter: fine for a custom pool, whose paths are the image's. " +
    "Clients for code interpreters (LangChain and the like) need POST /executions and /files";
  if (!hasConfig) return [health, ok("interface", text)];
  const fix = "Nothing, if it is not meant to be a code interpreter; else leave the base image's entrypoint.";
  return [health, warn("interface", `${text}. The image has an interpreter's configuration file`, fix)];
}

function judgeHealth(answer: Answer, path: string): Finding {
  if (succeeded(answer)) return ok("health", `GET ${path} answered ${answer.status}`);
  if (answer.status === 404) {
    const text = `there is no GET ${path}: an instance counts as ready as soon as it answers anything`;
    return warn("health", text, `Answer GET ${path} with 200 when ready, or give the pool a Startup probe.`);
  }
  return fail(
    "health",
    `GET ${path} ${said(answer)}`,
    "Answer 200 once the program can take requests; a pool takes unhealthy instances away.",
  );
}

function judgeExecution({ executions, shellExecute }: CallFacts): Finding {
  if (shellExecute && isInterpreterAnswer(shellExecute)) {
    const status = String(jsonOf(shellExecute)?.status ?? "");
    if (/^succe/i.test(status)) {
      return ok("executions", `POST /shellExecute ran a command in ${shellExecute.elapsedMs} ms`);
    }
    const text = `POST /shellExecute answered status "${status}": ${excerpt(shellExecute.body)}`;
    return fail("executions", text, `Make it run commands with a shell; ${SPEC}.`);
  }
  if (!isInterpreterAnswer(executions)) {
    const fix = `Answer POST /executions {"code": …} with 2xx and JSON that has a status; ${SPEC}.`;
    return fail("executions", `POST /executions ${said(executions)}`, fix);
  }
  const run = jsonOf(executions) ?? {};
  const inner = (run.properties ?? run) as { status?: unknown; result?: { stderr?: unknown } };
  const status = String(inner.status ?? "");
  if (/^succe/i.test(status)) {
    return ok("executions", `POST /executions ran code in ${executions.elapsedMs} ms`);
  }
  const stderr = excerpt(String(inner.result?.stderr ?? ""));
  const text = `POST /executions answered status "${status}"${stderr && `: ${stderr}`}`;
  const fix =
    "The code is spec.healthProbe.code of the configuration file, else 1+1: it must run without an error.";
  return fail("executions", text, fix);
}

function judgeFiles(calls: CallFacts): Finding {
  const { name, content } = PROBE_FILE;
  const steps: [what: string, answer: Answer | undefined, problem: (answer: Answer) => string | undefined][] =
    [
      ["POST /files", calls.upload, () => undefined],
      [
        "GET /files",
        calls.list,
        ({ body }) => (body?.includes(name) ? undefined : `does not list the file that was uploaded`),
      ],
      [
        `GET /files/${name}/content`,
        calls.download,
        ({ body }) => (body === content ? undefined : "answered other bytes than were uploaded"),
      ],
      [`DELETE /files/${name}`, calls.delete, () => undefined],
    ];
  for (const [what, answer, problem] of steps) {
    if (!answer) continue;
    const wrong = succeeded(answer) ? problem(answer) : said(answer);
    if (wrong === undefined) continue;
    const fix =
      what === "POST /files"
        ? "Its program must be able to write /mnt/data: see the data folder's check, or the container's log."
        : `Upload, list, download and delete must work on /mnt/data; ${SPEC}.`;
    return fail("files", `${what} ${wrong}`, fix);
  }
  return ok("files", "upload, list, download and delete work");
}

function succeeded({ status }: Answer): boolean {
  return status !== undefined && status >= 200 && status < 300;
}

function said({ status, body, error }: Answer): string {
  if (error !== undefined) return `got no answer: ${error}`;
  const text = excerpt(body ?? "");
  return `answered ${status}${text && `: ${text}`}`;
}

function excerpt(text: string | undefined): string {
  const line = (text ?? "").replaceAll(/\s+/g, " ").trim();
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

function jsonOf({ body }: Answer): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(body ?? "");
    const isObject = typeof data === "object" && data !== null && !Array.isArray(data);
    return isObject ? (data as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
