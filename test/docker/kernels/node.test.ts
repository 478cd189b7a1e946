import { beforeAll, describe, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { containersForTests, dockerEngine, type TestSession } from "../images/support.js";

const containers = containersForTests();

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["node"]);
  session = await containers.startSession(imageReference("node"));
}, 900_000);

it("writes console.log to stdout and console.error to stderr", async () => {
  const answer = await session.execute("console.log('hello', 1); console.error('oops')");
  expect(answer).toMatchObject({ status: "Succeeded", result: { stdout: "hello 1\n", stderr: "oops\n" } });
});

it.each([
  ["40 + 2", 42],
  ["1.5", 1.5],
  ["'text'", "text"],
  ["[1, 'a']", '[ 1, "a" ]'],
  ["({ a: 1 })", "{ a: 1 }"],
])("gives the value of %s typed, without colour codes", async (code, value) => {
  const { result } = await session.execute(code);
  expect(result).toMatchObject({ executionResult: value, stdout: "", stderr: "" });
});

it("has no value after a declaration", async () => {
  expect((await session.execute("let nothing = 1")).result.executionResult).toBeNull();
});

it("awaits at the top level", async () => {
  const code = "const got = await new Promise((done) => setTimeout(() => done(7), 20)); got * 6";
  expect((await session.execute(code)).result.executionResult).toBe(42);
});

it("takes TypeScript", async () => {
  const code = `
interface Point { x: number; y: number }
const length = ({ x, y }: Point): number => Math.hypot(x, y);
length({ x: 3, y: 4 } satisfies Point)`;
  expect((await session.execute(code)).result).toMatchObject({ executionResult: 5, stderr: "" });
});

it("keeps variables between calls, and a const may be declared again", async () => {
  await session.execute("const kept = 1");
  expect((await session.execute("kept + 1")).result.executionResult).toBe(2);
  await session.execute("const kept = 10");
  expect((await session.execute("kept + 1")).result.executionResult).toBe(11);
});

describe("errors", () => {
  it.each(["let = ;", "function (", "const a: = 1"])("reports the syntax error in %s", async (code) => {
    const answer = await session.execute(code);
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toMatch(/SyntaxError|[Ee]xpected|[Uu]nexpected/);
  });

  it("gives message and stack of what was thrown", async () => {
    const answer = await session.execute("function inner() { throw new TypeError('broken here') }\ninner()");
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toMatch(/TypeError: broken here[\s\S]*\bat inner\b/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    expect(answer.result.stderr).not.toMatch(/\u001b/);
  });

  it("goes on after an error", async () => {
    expect((await session.execute("1 + 1")).result.executionResult).toBe(2);
  });
});

it("ends an infinite loop at the time limit and answers afterwards", async () => {
  const stuck = await session.execute("while (true) {}", { timeoutInSeconds: 2 });
  expect(stuck.status).toBe("Failed");
  expect(stuck.result.stderr).toMatch(/[Tt]ime/);
  expect((await session.execute("2 * 3")).result.executionResult).toBe(6);
});

it.each(["Deno.exit(3)", "import process from 'node:process'; process.exit(3)"])(
  "ends the call of %s with words and answers afterwards",
  async (code) => {
    const answer = await session.execute(code, { timeoutInSeconds: 30 });
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).not.toBe("");
    expect((await session.execute("2 * 4")).result.executionResult).toBe(8);
  },
);

describe("files", () => {
  it("writes to the data directory what the files API lists, and reads what it holds", async () => {
    const code =
      "await Deno.writeTextFile('/mnt/data/made.txt', 'by deno'); Deno.readTextFileSync('/mnt/data/made.txt')";
    expect((await session.execute(code)).result).toMatchObject({ executionResult: "by deno", stderr: "" });
    expect(await session.get("/files/made.txt/content?api-version=2025-10-02-preview")).toBe("by deno");
  });

  it("knows Node's modules", async () => {
    const code =
      "import fs from 'node:fs'; import path from 'node:path'; fs.readFileSync(path.join('/mnt', 'data', 'made.txt'), 'utf8')";
    expect((await session.execute(code)).result).toMatchObject({ executionResult: "by deno", stderr: "" });
  });
});

it("runs code of 11 MB", async () => {
  // Longer than a command line, so it is made inside.
  const make = `node -e "require('fs').writeFileSync('/tmp/body.json', JSON.stringify({code: '\\"' + 'x'.repeat(11 * 2 ** 20) + '\\".length'}))"`;
  await session.run("sh", "-c", make);
  const answer = await session.run(
    "wget",
    "-qO-",
    "--content-on-error",
    "--header=Content-Type: application/json",
    "--post-file=/tmp/body.json",
    "http://127.0.0.1:6000/executions",
  );
  expect(JSON.parse(answer).result).toMatchObject({ executionResult: 11 * 2 ** 20, stderr: "" });
});
