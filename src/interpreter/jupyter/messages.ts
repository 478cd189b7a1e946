import { v7 as uuid } from "uuid";

/** Header of a Jupyter message. A parent header may be empty (`{}`): status from the server, for one. */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
  /** Which thread of the kernel is meant; only kernels with subshells look at it (JEP 91). */
  subshell_id?: string;
}

export type Channel = "shell" | "control" | "iopub" | "stdin";

/** One message of the Jupyter messaging protocol, in either direction. */
export interface Message {
  channel: Channel | string;
  header: Header;
  parent_header: Partial<Header>;
  metadata: Record<string, unknown>;
  content: Record<string, unknown>;
}

/** A request with every header key the server insists on: a missing one closes the socket (byoc 7.2). */
export function request(
  channel: Channel,
  type: string,
  session: string,
  content: Record<string, unknown>,
  subshellId?: string,
): Message {
  return {
    channel,
    header: {
      msg_id: uuid(),
      msg_type: type,
      session,
      username: "interpreter",
      date: new Date().toISOString(),
      version: "5.3",
      ...(subshellId === undefined ? {} : { subshell_id: subshellId }),
    },
    parent_header: {},
    metadata: {},
    content,
  };
}

/** What to run and whether it leaves a trace in the session's history. */
export interface ExecuteContent {
  code: string;
  storeHistory: boolean;
  /** Keep the value from being shown and remembered (`_` in Python). Default false. */
  silent?: boolean | undefined;
  /** Expressions that the kernel evaluates after the code; their values come with the reply. */
  userExpressions?: Record<string, string> | undefined;
}

/**
 * `execute_request` content. No stdin, so `input()` fails at once instead of blocking; no stop on error,
 * because one run's failure must not abort the runs behind it (byoc 7.3).
 */
export function executeContent({
  code,
  storeHistory,
  silent = false,
  userExpressions = {},
}: ExecuteContent): Record<string, unknown> {
  return {
    code,
    silent,
    store_history: storeHistory,
    user_expressions: userExpressions,
    allow_stdin: false,
    stop_on_error: false,
  };
}
