import * as z from "zod";
import { RequestError } from "../api/errors.js";
import { DEFAULT_OUTPUT_LIMIT } from "../api/execution-request.js";
import type { Settings } from "../config/settings.js";
import type { CommandRequest, CommandResult } from "./command.js";

const NO_COMMAND =
  "no command provided in the request, at least one of the 'shellCommand' or 'ExecCommandAndArgs' fields should be provided";

const bodySchema = z.object({
  shellCommand: z.string().nullish(),
  execCommandAndArgs: z.array(z.string()).nullish(),
  ExecCommandAndArgs: z.array(z.string()).nullish(),
  shellType: z.enum(["bash", "sh"]).nullish(),
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

/**
 * Reads a shell request (api-reference 4.9).
 *
 * @throws RequestError 400
 */
export function readShellRequest(
  raw: unknown,
  context: ShellContext,
  settings: Settings,
): CommandRequest & { identifier: string } {
  const parsed = bodySchema.safeParse(raw ?? {});
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new RequestError(
      400,
      `\`${issue?.path.join(".") || "request body"}\` is not valid: ${issue?.message}`,
    );
  }
  const body = parsed.data;
  const args = body.execCommandAndArgs ?? body.ExecCommandAndArgs ?? [];
  const command = body.shellCommand ?? "";
  if (command === "" && args.length === 0) throw new RequestError(400, NO_COMMAND);
  if (command !== "" && args.length > 0) {
    throw new RequestError(400, "provide either 'shellCommand' or 'execCommandAndArgs', not both");
  }
  const shellType = body.shellType ?? context.shellType ?? "bash";
  if (shellType !== "bash" && shellType !== "sh") {
    throw new RequestError(400, `shell type '${shellType}' is not known; use bash or sh`);
  }
  return {
    shellType,
    ...(command === "" ? { execCommandAndArgs: args } : { shellCommand: command }),
    stdin: body.stdin ?? undefined,
    timeoutSeconds: body.timeoutInSeconds ?? settings.defaultTimeoutSeconds,
    outputLimit: body.outputStreamsMaxLength ?? DEFAULT_OUTPUT_LIMIT,
    directory: settings.file.spec.fileOperation.dataDirectoryPath,
    identifier: context.identifier ?? body.identifier ?? "",
  };
}

/** Answer to a shell request (api-reference 4.9). */
export function shellBody(result: CommandResult, identifier: string): Record<string, unknown> {
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
