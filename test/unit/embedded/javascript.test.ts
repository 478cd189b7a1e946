import { describe, expect, it } from "vitest";
import { embeddedForTests, newIdentifier } from "./support.js";

const embedded = embeddedForTests({
  pools: [{ name: "node", containerType: "NodeLTS", readySessionInstances: 0 }],
});
const identifier = newIdentifier();
const execute = (code: string, more?: object) => embedded.execute("node", identifier, code, more);
const value = (code: string) => embedded.value("node", identifier, code);

it("keeps stdout and stderr apart and each in order", async () => {
  const { result } = await execute(
    "console.log('a', 1); console.error('b'); console.table([{ x: 1 }]); process.stdout.write('c')",
  );
  expect(result.stdout).toMatch(/^a 1\n[\s\S]*│ x │[\s\S]*c$/);
  expect(result.stderr).toBe("b\n");
});

// As Deno's kernel, which the image has, answers them (test/docker/kernels/node.test.ts).
it.each([
  ["40 + 2", 42],
  ["1.5", 1.5],
  ["'text'", "text"],
  ["[1, 'a']", '[ 1, "a" ]'],
  ["({ a: 1 })", "{ a: 1 }"],
  ["{ a: 1 }", "{ a: 1 }"],
  ["[`it's`]", '[ "it\'s" ]'],
  ["new Map([['a', [1]]])", 'Map(1) { "a" => [ 1 ] }'],
  ["null", "null"],
  ["123n", "123n"],
  ["Promise.resolve(4)", "Promise { 4 }"],
  ["await Promise.resolve(4)", 4],
  ["const { a, ...rest } = { a: await 1, b: 2 }; [a, rest]", "[ 1, { b: 2 } ]"],
  ["let [first = await 5] = []; first", 5],
  ["for await (const n of [1, 2]) var last = n; 7", 7],
  ["/* before */ 7 // after", 7],
  ["await 1 // after\n// the end", 1],
  ["({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': '\"shown\"' }) })", "shown"],
])("gives the value of %s", async (code, expected) => {
  expect(await value(code)).toBe(expected);
});

describe("variables", () => {
  it("stay between runs, may be declared again, and are seen by functions of earlier runs", async () => {
    await execute("const kept = 1; function read() { return kept } class Old { n = 1 }");
    expect(await value("kept + read() + new Old().n")).toBe(3);
    await execute("const kept = await 10; class Old { n = 2 }");
    expect(await value("kept + read() + new Old().n")).toBe(22);
    await execute("let kept");
    expect(await value("typeof kept")).toBe("undefined");
  });

  it("of functions declared beside an await stay, too", async () => {
    expect(await value("const base = await 2; early(1); function early(n) { return n + 1 }")).not.toMatch(
      /failed/,
    );
    expect(await value("early(base)")).toBe(3);
  });
});

it.each([
  ["interface P { x: number }\nconst f = ({ x }: P): number => x;\nf({ x: 3 } satisfies P)", 3],
  ["enum Level { Low, High = 5, Name = 'n' }\n[Level.Low, Level[5], Level.Name]", '[ 0, "High", "n" ]'],
  ["enum Later { A }; const later = await Later.A; later", 0],
  ["Later.A", 0],
  [
    "abstract class A { abstract go(): void }\nclass B extends A { constructor(private readonly n: number, public m?: string) { super() } go(): void {} sum(): number { return this.n! + 1 } }\nnew B(1).sum()",
    2,
  ],
  [
    "class G<T> implements Iterable<T> { private static made = 0; items: T[] = []; *[Symbol.iterator](): Iterator<T> { yield* this.items } }\n[...new G<number>()].length",
    0,
  ],
  ["function over(a: string): string;\nfunction over(a: any) { return a as string }\nover('x')", "x"],
  [
    "import type { Nothing } from 'nowhere';\ntype T = Nothing;\nlet v: T | undefined = undefined;\ndeclare const ghost: number;\n8",
    8,
  ],
  ["const id = <T,>(x: T): T => x;\nid<number>(<any>4)", 4],
  ["function bound(this: { n: number }, k = 2) { return this.n * k }\nbound.call({ n: 4 })", 8],
])("runs the TypeScript %#", async (code, expected) => {
  expect(await value(code)).toBe(expected);
});

describe("imports", () => {
  it.each([
    "import fs, { readFileSync as read } from 'node:fs'; import * as path from 'path'; fs.writeFileSync('/mnt/data/a.txt', 'x'); read(path.join('/mnt', 'data', 'a.txt'), 'utf8')",
    "import { promises } from 'fs'; await promises.readFile('a.txt', 'utf8')",
    "const { readFile } = await import('node:fs/promises'); await readFile('/mnt/data/a.txt', 'utf8')",
    "const { readFileSync } = require('fs'); readFileSync('a.txt').toString()",
  ])("%s", async (code) => {
    expect(await value(code)).toBe("x");
  });

  it("of packages fail with what there is", async () => {
    expect(await value("import _ from 'lodash'")).toMatch(/Cannot find module 'lodash'.*no network.*fs, /);
  });
});

describe("files", () => {
  it("have errors in the names that the code knows", async () => {
    const { result } = await execute("require('fs').readFileSync('/mnt/data/none.txt')");
    expect(result.stderr).toMatch(/ENOENT: no such file or directory, open '\/mnt\/data\/none\.txt'/);
    expect(result.stderr).not.toMatch(/\/s\/[0-9a-f]{8}\//);
  });

  it("can be made, listed, moved and removed in the session's folders", async () => {
    const code = `
      const f = require('fs'), os = require('os');
      f.mkdirSync('deep/er', { recursive: true });
      f.writeFileSync('deep/er/x', '1'); f.renameSync('deep/er/x', 'deep/y'); f.appendFileSync('deep/y', '2');
      f.writeFileSync(os.tmpdir() + '/t', 't'); f.writeFileSync(os.homedir() + '/h', 'h');
      const made = [f.readdirSync('deep', { recursive: true }).sort().join(), f.realpathSync('deep/y'), f.mkdtempSync('/tmp/x-').slice(0, 7), f.statSync('deep/y').size];
      f.rmSync('deep', { recursive: true }); made.push(f.existsSync('deep')); made.join(' ')`;
    expect(await value(code)).toBe("er,y /mnt/data/deep/y /tmp/x- 2 false");
  });
});

describe("errors", () => {
  it.each(["let = ;", "function (", "const a: = 1"])("of syntax name the place in %s", async (code) => {
    const { status, result } = await execute(code);
    expect(status).toBe("Failed");
    expect(result.stderr).toMatch(/SyntaxError: .*\(line 1, column \d+\)\n.*\n\s*\^/);
  });

  it("have name, message and the user's part of the stack", async () => {
    const { result } = await execute("function inner() { throw new TypeError('broken here') }\ninner()");
    expect(result.stderr).toBe("TypeError: broken here\n    at inner (<cell>:1:26)\n    at <cell>:2:1");
  });

  it("may be anything", async () => {
    expect((await execute("throw 5")).result.stderr).toBe("Uncaught 5");
    expect((await execute("throw { get message() { throw 1 } }")).status).toBe("Failed");
    expect((await execute("throw new Error('out', { cause: new Error('in') })")).result.stderr).toMatch(
      /Error: out[\s\S]*Caused by: Error: in/,
    );
  });

  it("that nobody caught are written to stderr and end nothing", async () => {
    const { result } = await execute(
      "setTimeout(() => { throw new Error('late') }, 1); Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 100))",
    );
    expect(result.stderr).toMatch(/Uncaught Error: lost/);
    expect(result.stderr).toMatch(/Uncaught Error: late/);
    expect(await value("1 + 1")).toBe(2);
  });
});

it("stops code that waits at the time limit and keeps the variables", async () => {
  await execute("var before = 41");
  const waiting = await execute("await new Promise(() => {})", { timeoutInSeconds: 1 });
  expect(waiting.status).toBe("Failed");
  expect(waiting.result.stderr).toMatch(/timed out/);
  expect(await value("before + 1")).toBe(42);
});

it("ends the call of process.exit with words, and answers afterwards", async () => {
  const { status, result } = await execute("console.log('bye'); process.exit(3)");
  expect(status).toBe("Failed");
  expect(result.stderr).not.toBe("");
  expect(await value("2 * 4")).toBe(8);
});

it("runs code of 11 MB", async () => {
  expect(await value(`"${"x".repeat(11 * 2 ** 20)}".length`)).toBe(11 * 2 ** 20);
});

it("hands on output whole and in order", async () => {
  const { result } = await execute(
    "for (let i = 0; i < 300; i++) { console.log(i); if (i % 9 === 0) console.error(i) }",
  );
  expect(result.stdout.split("\n").slice(0, -1)).toEqual(Array.from({ length: 300 }, (_, i) => String(i)));
  expect(result.stderr.split("\n").length).toBe(35);
});
