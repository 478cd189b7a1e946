import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedSession, embedded } from "./support.js";

let session: EmbeddedSession;
beforeAll(async () => {
  session = await embedded();
});
afterAll(() => session.close());

describe("the last expression's value", () => {
  it.each<[string, unknown]>([
    ["6 * 7", 42],
    ["1.5", 1.5],
    ["True", true],
    ["'text'", "text"],
    ['"it\'s"', "it's"],
    ["None", null],
    ["print('x')", ""],
    ["x = 1", ""],
    ["5;", ""],
    ["'a;b'  # ; here", "a;b"],
    ["[1, 'a', None]", "[1, 'a', None]"],
    ["{'b': 1, 'a': 2}", "{'b': 1, 'a': 2}"],
    ["{3, 1, 2}", "{1, 2, 3}"],
    ["(1,)", "(1,)"],
    ["10 ** 20", "100000000000000000000"],
    ["int, len", "(int, <function len(obj, /)>)"],
    ["float('nan')", "nan"],
    ["if True:\n    7", ""],
    ["class A:\n    def __repr__(self): return '<an A>'\nA()", "<an A>"],
    ["from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nP(3)", "P(x=3)"],
  ])("%j is %j", async (code, value) => {
    expect(await session.run(code)).toMatchObject({ status: "Succeeded", value });
  });

  it("is laid out over lines when it is long, as IPython does", async () => {
    const { value } = await session.run("{'numbers': list(range(30)), 'name': 'x'}");
    expect(value).toBe(
      `{'numbers': [${Array.from({ length: 30 }, (_, n) => n).join(",\n  ")}],\n 'name': 'x'}`,
    );
  });

  it("has every form that the object knows", async () => {
    const code = `class Table:
    def _repr_html_(self): return "<table></table>"
    def _repr_png_(self): return b"\\x89PNG"
    def _repr_json_(self): return {"rows": 0}
    def _repr_latex_(self): raise ValueError("not this one")
    def __repr__(self): return "Table()"
Table()`;
    const { value } = await session.run(code, { returnJupyterFormatExecutionResult: true });
    expect(value).toEqual({
      "text/plain": "Table()",
      "text/html": "<table></table>",
      "image/png": "iVBORw==",
      "application/json": { rows: 0 },
    });
    expect((await session.run("Table()")).value).toEqual({
      type: "image",
      format: "png",
      base64_data: "iVBORw==",
    });
  });

  it("is remembered under IPython's names", async () => {
    await session.run("21");
    expect((await session.run("_ * 2")).value).toBe(42);
    expect((await session.run("get_ipython().execution_count == len(In) - 1, Out[max(Out)]")).value).toBe(
      "(True, 42)",
    );
  });

  it("can be displayed", async () => {
    const shown = await session.run("from IPython.display import display, HTML\ndisplay(HTML('<i>x</i>'))", {
      returnJupyterFormatExecutionResult: true,
    });
    expect(shown.value).toMatchObject({ "text/html": "<i>x</i>" });
  });
});

describe("output", () => {
  it("keeps its two streams apart, each in order", async () => {
    const code =
      "import sys, os\nprint('a', end='')\nprint('e', file=sys.stderr)\nos.write(1, b'')\nprint('b')\nsys.stdout.write('c')\nNone";
    expect(await session.run(code)).toMatchObject({ stdout: "ab\nc", stderr: "e\n" });
  });

  it("survives characters of any kind", async () => {
    const { stdout } = await session.run("print('é 😀 \\udc80', '\\x00')");
    expect(stdout).toBe("é 😀 \\udc80 \0\n");
  });

  it("is there in order however much there is", async () => {
    const code = "for n in range(20000): print(n)";
    const { stdout } = await session.run(code, { outputStreamsMaxLength: 1_000_000 });
    expect(stdout).toBe(`${Array.from({ length: 20_000 }, (_, n) => n).join("\n")}\n`);
  });

  it("that was written before the time limit is not lost", async () => {
    const code = "import time\nprint('written')\ntime.sleep(60)";
    expect(await session.run(code, { timeoutInSeconds: 0.5 })).toMatchObject({
      error: "Timeout",
      stdout: "written\n",
    });
  });
});

describe("an error", () => {
  it("has IPython's traceback", async () => {
    const { stderr, error, message } = await session.run("def half(n):\n    return n / 0\n\nhalf(1)");
    expect({ error, message }).toEqual({ error: "ZeroDivisionError", message: "division by zero" });
    expect(stderr.replace(/In\[\d+\]/g, "In[1]")).toBe(
      [
        "-".repeat(75),
        "ZeroDivisionError                         Traceback (most recent call last)",
        "Cell In[1], line 4",
        "      1 def half(n):",
        "      2     return n / 0",
        "----> 4 half(1)",
        "",
        "Cell In[1], line 2, in half(n)",
        "      1 def half(n):",
        "----> 2     return n / 0",
        "",
        "ZeroDivisionError: division by zero",
      ].join("\n"),
    );
  });

  it.each([
    ["1 +", "SyntaxError", /Cell In\[\d+\], line 1\n {4}1 \+\n {7}\^\nSyntaxError: invalid syntax/],
    ["if True:\nprint(1)", "IndentationError", /IndentationError: expected an indented block/],
    ["nope", "NameError", /NameError: name 'nope' is not defined$/],
    ["import sys; sys.exit(3)", "SystemExit", /SystemExit: 3$/],
    [
      "raise ValueError('outer') from KeyError('inner')",
      "ValueError",
      /KeyError: 'inner'[\s\S]*direct cause/,
    ],
    ["raise KeyboardInterrupt", "KeyboardInterrupt", /KeyboardInterrupt: $/],
    [
      "def f(n): return f(n + 1)\nf(0)",
      "RecursionError",
      /skipping similar frames: f at line 1 \(\d+ times\)/,
    ],
    ["raise ExceptionGroup('many', [ValueError(1)])", "ExceptionGroup", /many \(1 sub-exception\)/],
    ["class E(Exception):\n    def __str__(self): raise 1\nraise E", "E", /exception str\(\) failed/],
    ["e = ValueError('x'); e.add_note('mind this'); raise e", "ValueError", /ValueError: x\nmind this$/],
    ["input('name?')", "StdinNotImplementedError", /does not support input requests/],
    ["import json\njson.loads('{')", "JSONDecodeError", /File \/lib\/python314.zip\/json/],
  ])("%j is a %s", async (code, name, stderr) => {
    const ran = await session.run(code);
    expect(ran).toMatchObject({ status: "Failed", error: name, stderr: expect.stringMatching(stderr) });
    expect(ran.stderr).not.toMatch(/session_kernel\.(kernel|loop)/);
  });

  it("leaves the variables that there were", async () => {
    await session.run("kept = 1\nraise ValueError");
    expect((await session.run("kept")).value).toBe(1);
  });
});

describe("asynchronous code", () => {
  it.each<[string, unknown]>([
    ["import asyncio\nawait asyncio.sleep(0.01)\n'slept'", "slept"],
    [
      "async def f(n):\n    await asyncio.sleep(0.01)\n    return n\nawait asyncio.gather(f(1), f(2))",
      "[1, 2]",
    ],
    ["asyncio.run(f(3))", 3],
    ["asyncio.get_event_loop().run_until_complete(f(4))", 4],
    ["async def g(): return asyncio.run(f(5))\nawait g()", 5],
    ["await asyncio.to_thread(lambda: 6)", 6],
    ["async for_ = 1".replace("async for_", "for_"), ""],
    ["[n async for n in (f for f in ())] if False else 7", 7],
  ])("%j is %j", async (code, value) => {
    expect(await session.run(code)).toMatchObject({ status: "Succeeded", value });
  });

  it("goes on in later runs", async () => {
    await session.run("task = asyncio.create_task(f(8))");
    expect((await session.run("await task")).value).toBe(8);
  });
});

describe("IPython's own notation", () => {
  it.each([
    ["%pip install x", /--wheels/],
    ["!pip install x", /--wheels/],
    ["!ls", /no other programs/],
    ["files = !ls", /no other programs/],
    ["%%bash\nls", /no other programs/],
    ["%nonsense", /UsageError: Line magic function `%nonsense` not found/],
  ])("%j is refused with the reason", async (code, stderr) => {
    expect(await session.run(code)).toMatchObject({
      status: "Failed",
      stderr: expect.stringMatching(stderr),
    });
  });

  it("does not get in the way of Python's", async () => {
    expect((await session.run("a = 7\nb = (a\n  % 4)\nb != 2")).value).toBe(true);
    expect((await session.run("%matplotlib inline\n'fine'")).value).toBe("fine");
  });
});
