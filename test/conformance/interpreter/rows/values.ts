import { expect } from "vitest";
import type { Row } from "../row.js";
import { failed2024, finished2024, UUID, V2024_08, V2024_10, V2025_10 } from "../shapes.js";

const IMAGE = {
  type: "image",
  format: "png",
  base64_data: expect.stringMatching(/^iVBORw0KGgo[A-Za-z0-9+/=]+$/),
};
const PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()";

const run = (code: string, query = V2024_10) => ({ path: "/executions", query, json: { code } });
const result = (value: unknown) => expect.objectContaining({ executionResult: value });
const any2xx = (value: unknown) =>
  [200, 202].map((status) => ({ status, json: expect.objectContaining({ result: result(value) }) }));

/** A value as it comes back, and what else the sources allow (byoc 3.3; recordings D7). */
const conversions: [code: string, ours: unknown, ...others: unknown[]][] = [
  ["True", true],
  ["False", false],
  ["1 + 1", 2],
  ["-7", -7],
  ["0.1 + 0.2", 0.30000000000000004],
  ["1e300", 1e300],
  ["'text'", "text"],
  ['"it\'s"', "it's"],
  ["'a\\nb\\\\c'", "a\nb\\c"],
  ["'ü€😀'", "ü€😀"],
  ["''", ""],
  ["float('nan')", "nan"],
  ["float('inf')", "inf"],
  // A float has no room for these digits; the ancestor lost them.
  ["10**30", "1000000000000000000000000000000", 1e30],
  ["2**53 + 1", "9007199254740993", 2 ** 53],
  ["[1, 'a']", "[1, 'a']"],
  ["{'a': 1}", "{'a': 1}"],
  ["(1,)", "(1,)"],
  ["b'x'", "b'x'"],
  ["1 + 2j", "(1+2j)"],
  ["None", "", null],
  ["x = 3", "", null],
  ["3;", "", null],
  ["1\n2", 2],
  ["import asyncio\nawait asyncio.sleep(0, 'awaited')", "awaited"],
];

export const values: Row[] = [
  ...conversions.map(
    ([code, ours, ...others]): Row => ({
      id: `byoc 3.3 value of ${JSON.stringify(code)}`,
      ask: run(code),
      ours: { status: 202, json: finished2024({ value: ours }) },
      others: [ours, ...others].flatMap(any2xx),
    }),
  ),
  {
    id: "byoc 3.3 None is null from 2025-10",
    ask: run("None", V2025_10),
    ours: { status: 200, json: expect.objectContaining({ result: result(null) }) },
    others: ["", null].flatMap(any2xx),
  },
  {
    id: "byoc 3.3 no value is an empty string in 2025-10",
    ask: run("x = 1", V2025_10),
    ours: { status: 200, json: expect.objectContaining({ result: result("") }) },
    others: ["", null].flatMap(any2xx),
  },
  {
    id: "byoc 3.7 no value is null in 2026",
    ask: run("x = 1", ""),
    ours: { status: 200, json: expect.objectContaining({ result: result(null) }) },
    others: ["", null].flatMap(any2xx),
  },
  {
    // As Go reads JSON: half a character becomes the replacement character.
    id: "byoc 3.2 code with half a surrogate pair",
    ask: { path: "/executions", query: V2024_10, raw: '{"code":"\'cut \\ud83d\'"}' },
    ours: { status: 202, json: finished2024({ value: "cut \ufffd" }) },
    others: [...any2xx("cut \ufffd"), { status: 400 }],
  },
  {
    id: "byoc 3.3 a figure that is shown",
    ask: run(PLOT),
    ours: { status: 202, json: finished2024({ value: IMAGE }) },
    others: any2xx(IMAGE),
  },
  {
    id: "byoc 3.3 a picture replaces a text result",
    ask: run(
      `from IPython.display import display\nimport matplotlib.pyplot as plt\nf, _ = plt.subplots()\ndisplay(f)\nplt.close(f)\n'text'`,
    ),
    ours: { status: 202, json: finished2024({ value: IMAGE }) },
    others: [...any2xx(IMAGE), ...any2xx("text")],
  },
  {
    id: "byoc 3.3 streams beside a value",
    ask: run("import sys\nprint('out')\nprint('err', file=sys.stderr)\n5"),
    ours: { status: 202, json: finished2024({ stdout: "out\n", stderr: "err\n", value: 5 }) },
    others: any2xx(5),
  },
  {
    id: "byoc 3.3 variables stay from run to run",
    before: [run("kept_{dir} = 41")],
    ask: run("kept_{dir} + 1"),
    ours: { status: 202, json: finished2024({ value: 42 }) },
    others: any2xx(42),
  },
];

const failed = (name: string, last: RegExp, hresult?: number) => ({
  status: 202,
  json: failed2024({
    name,
    stderr: expect.stringMatching(last),
    ...(hresult === undefined ? {} : { hresult }),
  }),
});
const failedSomehow = (pattern: RegExp) => [
  { status: 202, text: pattern },
  { status: 200, text: pattern },
];

/** Errors of a run (byoc 3.4). */
export const errors: Row[] = [
  {
    id: "byoc 3.4 code that raises is HTTP 2xx",
    ask: run("1 / 0"),
    ours: failed("ZeroDivisionError", /ZeroDivisionError: division by zero\s*$/, -2147205116),
    others: failedSomehow(/ZeroDivisionError/),
  },
  {
    id: "byoc 3.4 what was written before the error is kept",
    ask: run("import sys\nprint('out')\nprint('err', file=sys.stderr)\nraise ValueError('v')"),
    ours: {
      status: 202,
      json: {
        ...failed2024({ name: "ValueError", message: "v", stderr: expect.any(String) }),
        result: {
          stdout: "out\n",
          stderr: expect.stringMatching(/^err\n[\s\S]*ValueError: v\s*$/),
          executionResult: "",
          executionTimeInMilliseconds: expect.any(Number),
        },
      },
    },
    others: failedSomehow(/ValueError/),
  },
  {
    id: "byoc 3.4 the stack trace keeps its colours in the raw result only",
    ask: run("undefined_name"),
    ours: {
      status: 202,
      json: expect.objectContaining({
        result: expect.objectContaining({ stderr: expect.not.stringContaining("\u001b") }),
        rawResult: expect.objectContaining({ error_stack_trace: expect.stringContaining("\u001b[") }),
      }),
    },
    others: failedSomehow(/NameError/),
  },
  {
    id: "byoc 3.4 a syntax error",
    ask: run("def"),
    ours: failed("SyntaxError", /SyntaxError/, -2147205116),
    others: failedSomehow(/SyntaxError/),
  },
  {
    id: "byoc 3.4 input() fails at once",
    ask: run("input()"),
    ours: failed("StdinNotImplementedError", /StdinNotImplementedError/),
    others: failedSomehow(/StdinNotImplemented|EOFError/),
  },
  {
    id: "byoc 3.4 sys.exit leaves the kernel alive",
    before: [run("alive_{dir} = 1"), run("import sys\nsys.exit(2)")],
    ask: run("alive_{dir}"),
    ours: { status: 202, json: finished2024({ value: 1 }) },
    others: any2xx(1),
  },
  {
    id: "byoc 3.4 the session goes on after a time limit",
    before: [
      run("kept_{dir} = 7"),
      { ...run(""), json: { code: "import time\ntime.sleep(60)", timeoutInSeconds: 1 } },
    ],
    ask: run("kept_{dir}"),
    ours: { status: 202, json: finished2024({ value: 7 }) },
    others: any2xx(7),
  },
  {
    id: "byoc 3.4 no code, 2024",
    ask: { path: "/executions", query: V2024_10, json: { timeoutInSeconds: 5 } },
    ours: { status: 400, json: { message: "`Code` field is required in the request" } },
    others: [{ status: 400 }],
  },
  {
    id: "byoc 3.2 no code, 2026",
    ask: { path: "/executions", json: { timeoutInSeconds: 5 } },
    ours: { status: 400, json: "`Code` field is required in the request" },
    others: [{ status: 400 }],
  },
  ...["/execute", "/code/execute", "/executions"].flatMap((path): Row[] => [
    {
      id: `byoc 3.4 empty body at ${path}`,
      ask: { method: "POST", path, query: V2024_08 },
      ours: { status: 400, json: { message: "request body is empty" } },
      others: [{ status: 400 }, { status: 404 }],
    },
    {
      id: `byoc 3.4 a body that is not JSON at ${path}`,
      ask: { path, query: V2024_08, raw: '{"code": nope', headers: { "content-type": "application/json" } },
      ours: { status: 400, json: { message: expect.stringMatching(/^error unmarshaling JSON/) } },
      others: [{ status: 400 }, { status: 404 }],
    },
  ]),
  {
    id: "byoc 3.4 GET / tells nothing secret",
    ask: { path: "/" },
    ours: { status: 200, text: /^(?![\s\S]*token)/i },
    others: [{ status: 404 }],
  },
  {
    id: "byoc 3.4 a failed run in the dialect of 2024-08",
    ask: { path: "/code/execute", query: V2024_08, json: { properties: { code: "1 / 0" } } },
    ours: {
      status: 202,
      json: {
        properties: {
          $id: UUID,
          status: "Failure",
          stdout: "",
          stderr: expect.stringMatching(/ZeroDivisionError: division by zero\s*$/),
          executionResult: "",
          executionTimeInMilliseconds: expect.any(Number),
        },
      },
    },
    others: [{ status: 202, text: /ZeroDivisionError/ }, { status: 404 }],
  },
];
