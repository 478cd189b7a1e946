import * as z from "zod";
import { RequestError } from "../api/errors.js";
import { DEFAULT_OUTPUT_LIMIT } from "../api/execution-request.js";
import type { Settings } from "../config/settings.js";
import type { CommandRequest, CommandResult } from "./command.js";

const NO_COMMAND =
  "no command provided in the request, at least one of the 'shellCommand' or 'ExecCommandAndArgs' fields should be provided";

/** A login shell, so that the profile's PATH applies (api-reference 4.9). */
const SHELLS = { bash: ["/bin/bash", "-lc"], sh: ["/bin/sh", "-c"] } as const;

// A program's arguments end at a NUL, so none can hold one.
const text = z.string().refine((value) => !value.includes("\0"), "a command cannot hold the character NUL");

const bodySchema = z.object({
  shellCommand: text.nullish(),
  execCommandAndArgs: z.array(text).nullish(),
  ExecCommandAndArgs: z.array(text).nullish(),
  shellType: z.string().nullish(),
  stdin: z.string().nullish(),
  timeoutInSeconds: z.number().positive().nullish(),
  outputStreamsMaxLength: z.int().min(0).nullish(),
  identifier: z.string().nullish(),
});

/** What may stand beside the body: headers and query (api-reference 4.9). */
export interface ShellContext {
  identifier: string | undefined;
  shellType: string | undefined;
}

/** A command, and the identifier that its answer repeats. */
export type ShellRequest = CommandRequest & { identifier: string };

/**
 * Reads a shell request (api-reference 4.9).
 *
 * @throws RequestError 400
 */
export function readShellRequest(raw: unknown, context: ShellContext, settings: Settings): ShellRequest {
  const parsed = bodySchema.safeParse(raw ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join(".") || "request body";
    throw new RequestError(400, `\`${where}\` is not valid: ${issue?.message}`);
  }
  const body = parsed.data;
  const args = body.execCommandAndArgs ?? body.ExecCommandAndArgs ?? [];
  const command = body.shellCommand ?? "";
  if (command === "" && args.length === 0) throw new RequestError(400, NO_COMMAND);
  if (command !== "" && args.length > 0) {
    throw new RequestError(400, "provide either 'shellCommand' or 'execCommandAndArgs', not both");
  }
  const shell = shellNamed(body.shellType || context.shellType || "bash");
  return {
    argv: command === "" ? args : [...shell, command],
    stdin: body.stdin ?? undefined,
    timeoutSeconds: body.timeoutInSeconds ?? settings.defaultTimeoutSeconds,
    outputLimit: body.outputStreamsMaxLength ?? DEFAULT_OUTPUT_LIMIT,
    directory: settings.file.spec.fileOperation.dataDirectoryPath,
    identifier: context.identifier ?? body.identifier ?? "",
  };
}

function shellNamed(name: string): readonly string[] {
  const key = name.toLowerCase();
  if (key === "bash" || key === "sh") return SHELLS[key];
  throw new RequestError(400, `'shellType' is '${name}': use bash or sh`);
}

/** Answer to a shell request (api-reference 4.9). */
export function shellBody(
  result: Omit<CommandResult, "errorName"> & { errorName: string },
  identifier: string,
): Record<string, unknown> {
  const failed = result.exitCode !== 0 || result.errorName !== "";
  return {
    status: failed ? "Failed" : "Succeeded",
    errorName: result.errorName,
    errorMessage: result.errorMessage,
    exitCode: result.exitCode,
    identifier,
    result: {
      stdout: result.stdout,
      stderr: result.stderr,
      executionTimeInMilliseconds: result.durationMs,
    },
  };
}
