import { expect } from "vitest";
import type { Row } from "../row.js";
import { failed2024, finished2024, V2024_10 } from "../shapes.js";

const run = (code: string, more: Record<string, unknown> = {}) => ({
  path: "/executions",
  query: V2024_10,
  json: { code, ...more },
});
const base64 = (text: string) => Buffer.from(text).toString("base64");
const A = { name: "a.txt", content: "hello" };
const polled = (
  json: unknown,
  ask: Record<string, unknown>,
): Pick<Row, "before" | "ask" | "untilEnded" | "ours"> => ({
  before: [{ path: "/executions", query: V2024_10, json: { ...ask, executionType: "Asynchronous" } }],
  ask: { path: "/executions/{id}", query: V2024_10 },
  untilEnded: true,
  ours: {
    status: 200,
    json: expect.objectContaining({ status: "Succeeded", result: expect.objectContaining(json) }),
  },
});

/** Keys of `codeInterpreterConf.yaml` and what they do (byoc 2.3), in a session with nearly all of them set. */
export const configured: Row[] = [
  {
    id: "byoc 2.3 initLibrariesFile has run before the first execution",
    ask: run("(preloaded, math.pi > 3)"),
    ours: { status: 202, json: finished2024({ value: "('yes', True)" }) },
  },
  {
    id: "byoc 2.3 its output is dropped, and it is not in the history",
    ask: run("(get_ipython().execution_count, sorted(Out))"),
    ours: { status: 202, json: finished2024({ value: "(2, [1])" }) },
  },
  {
    id: "byoc 2.3 kernelInit.synchronousWithEmptyKernel has no libraries",
    ask: run("'preloaded' in globals()", { useEmptyKernel: true }),
    ours: { status: 202, json: finished2024({ value: false }) },
  },
  {
    id: "byoc 2.3 kernelInit.asynchronous has its libraries",
    ...polled({ stdout: "", executionResult: "yes" }, { code: "preloaded" }),
  },
  {
    id: "byoc 2.3 healthProbe.endpoint",
    ask: { path: "/alive", query: V2024_10 },
    ours: { status: 200, json: { message: "healthy" } },
  },
  {
    id: "byoc 2.4 startup, when all kernels are ready",
    ask: { path: "/health/startup", query: V2024_10 },
    ours: { status: 200, json: { message: "healthy" } },
  },
  {
    id: "byoc 2.3 enableAutoBase64Decoding",
    ask: run(base64("print('decoded')")),
    ours: { status: 202, json: finished2024({ stdout: "decoded\n" }) },
  },
  {
    id: "byoc 2.3 enableAutoBase64Decoding leaves code alone that only looks like it",
    before: [run("abcd1234 = 'a name'")],
    ask: run("abcd1234"),
    ours: { status: 202, json: finished2024({ value: "a name" }) },
  },
  {
    id: "byoc 3.2 InlineText is never decoded",
    before: [run("cHJpbnQoJ2RlY29kZWQnKQ = 'text'", { codeInputType: "InlineText" })],
    ask: run("cHJpbnQoJ2RlY29kZWQnKQ", { codeInputType: "InlineText" }),
    ours: { status: 202, json: finished2024({ value: "text" }) },
  },
  {
    id: "byoc 2.3 defaultTimeoutSeconds",
    ask: run("import time\ntime.sleep(60)"),
    ours: {
      status: 202,
      json: failed2024({
        name: "Timeout",
        stderr: expect.stringMatching(/timed out/i),
        message: expect.stringMatching(/2 seconds/),
      }),
    },
  },
  {
    id: "byoc 2.3 dataDirectoryPath",
    before: [{ path: "/files", query: `path={dir}&${V2024_10}`, files: [A] }],
    ask: run("open('/srv/files/{dir}/a.txt').read()"),
    ours: { status: 202, json: finished2024({ value: "hello" }) },
  },
  {
    id: "byoc 2.3 dataDirectoryPath as a path",
    before: [{ path: "/files", query: `path=/srv/files/{dir}&${V2024_10}`, files: [A] }],
    ask: { path: "/files/{dir}/a.txt/content", query: V2024_10 },
    ours: { status: 200, text: "hello" },
  },
  {
    id: "byoc 2.3 enableFullPathAccess, upload",
    before: [{ path: "/files", query: `path=/tmp/{dir}&${V2024_10}`, files: [A] }],
    ask: run("open('/tmp/{dir}/a.txt').read()"),
    ours: { status: 202, json: finished2024({ value: "hello" }) },
  },
  {
    id: "byoc 2.3 enableFullPathAccess, download",
    ask: { path: "/files/passwd/content", query: `path=/etc&${V2024_10}` },
    ours: { status: 200, text: /^root:/ },
  },
  {
    id: "byoc 2.3 enableFullPathAccess is no traversal",
    ask: { path: "/files", query: `path=/srv/files/../../etc&${V2024_10}` },
    ours: { status: 400, json: { message: expect.stringMatching(/\.\./) } },
  },
];

/** A session with snippets, and with preload scripts that fail. */
export const snippets: Row[] = [
  {
    id: "byoc 2.3 synchronousExecution snippets run around the code",
    ask: run("print('code')"),
    ours: { status: 202, json: finished2024({ stdout: "sync pre\ncode\nsync post\n" }) },
  },
  {
    id: "byoc 2.3 snippets at /code/execute",
    ask: { path: "/code/execute", json: { properties: { code: "print('code')" } } },
    ours: { status: 202, text: /"stdout":"sync pre\\ncode\\nsync post\\n"/ },
  },
  {
    id: "byoc 2.3 asynchronousExecution snippets run around the code",
    ...polled({ stdout: "async pre\ncode\nasync post\n" }, { code: "print('code')" }),
  },
  {
    id: "byoc 2.3 a preload script that fails does not keep the session from starting",
    ask: { path: "/health/startup", query: V2024_10 },
    ours: { status: 200, json: { message: "healthy" } },
  },
  {
    id: "byoc 2.3 enableAutoBase64Decoding off",
    ask: run(base64("print('plain!')")),
    ours: {
      status: 202,
      json: failed2024({ name: "NameError", stderr: expect.stringMatching(/NameError/) }),
    },
  },
  {
    id: "byoc 2.3 enableFullPathAccess off keeps absolute paths in the data directory",
    ask: { path: "/files/passwd/content", query: `path=/etc&${V2024_10}` },
    ours: { status: 404, json: { message: expect.stringMatching(/^ERR_FILE_NOT_FOUND/) } },
  },
];

/** A session whose preload script never ends and cannot be interrupted. */
export const hanging: Row[] = [
  {
    id: "byoc 2.3 commonLibrariesInitTimeoutSeconds gives a script up, and the session works without it",
    ask: run("1 + 1"),
    ours: { status: 202, json: finished2024({ value: 2 }) },
  },
  {
    id: "byoc 2.4 startup, when a preload script was given up",
    ask: { path: "/health/startup", query: V2024_10 },
    ours: { status: 200, json: { message: "healthy" } },
  },
  {
    id: "byoc 2.3 isAsynchronousExecutionSupported off",
    ask: run("1", { executionType: "Asynchronous" }),
    ours: {
      status: 400,
      json: { message: expect.stringMatching(/spec\.kernel\.isAsynchronousExecutionSupported/) },
    },
  },
];
