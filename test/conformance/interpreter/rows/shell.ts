import { expect } from "vitest";
import type { Row } from "../row.js";

const ran = (exitCode: number, stdout: unknown, stderr: unknown = "") => ({
  status: 200,
  json: {
    status: exitCode === 0 ? "Succeeded" : "Failed",
    errorName: expect.any(String),
    errorMessage: expect.any(String),
    exitCode,
    identifier: "{identifier}",
    result: { stdout, stderr, executionTimeInMilliseconds: expect.any(Number) },
  },
});

/** The shell image's own endpoint (byoc 3.1; api-reference 4.9). */
export const shell: Row[] = [
  {
    id: "byoc 3.1 shellExecute",
    ask: { path: "/shellExecute", json: { shellCommand: "echo out; echo err >&2" } },
    ours: ran(0, "out\n", "err\n"),
  },
  {
    id: "byoc 3.1 shellExecute with arguments",
    ask: { path: "/shellExecute", json: { execCommandAndArgs: ["printf", "%s", "a b"] } },
    ours: ran(0, "a b"),
  },
  {
    id: "byoc 3.1 shellExecute, another exit code",
    ask: { path: "/shellExecute", json: { shellCommand: "exit 3" } },
    ours: ran(3, ""),
  },
  {
    id: "byoc 3.1 shellExecute without a command",
    ask: { path: "/shellExecute", json: {} },
    ours: { status: 400, text: /no command provided in the request/ },
  },
  {
    id: "byoc 3.1 files of the shell image",
    before: [{ path: "/files", query: "path={dir}", files: [{ name: "a.txt", content: "hello" }] }],
    ask: { path: "/shellExecute", json: { shellCommand: "cat {dir}/a.txt" } },
    ours: ran(0, "hello"),
  },
  { id: "byoc 3.1 health of the shell image", ask: { path: "/health" }, ours: { status: 200 } },
];
