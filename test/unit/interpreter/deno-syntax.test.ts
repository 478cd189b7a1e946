import { describe, expect, it } from "vitest";
import { DENO_SYNTAX } from "../../../src/interpreter/execution/deno-syntax.js";
import { traitsOf } from "../../../src/interpreter/execution/kernel-traits.js";

const CODE = "const a = 1;\nlet = ;";
// What Deno 2.9 writes for this code behind the guard in line 1.
const SAID = [
  "SyntaxError: Expression expected",
  "  |",
  "3 | let = ;",
  "  |       ~",
  "    at data:application/typescript;base64,AAAA:3:7",
].join("\n");

describe("a failure of which Deno says nothing", () => {
  it("is told from others", () => {
    expect(DENO_SYNTAX.isMute({ message: "Execution failed", traceback: "" })).toBe(true);
    expect(DENO_SYNTAX.isMute({ message: "boom", traceback: "Error: boom" })).toBe(false);
  });

  it("is explained in the lines of the code itself", () => {
    expect(DENO_SYNTAX.reason(`${SAID}\n`, CODE)).toEqual({
      name: "SyntaxError",
      message: "Expression expected (line 2, column 7)\n  let = ;\n        ^",
    });
  });

  it("stays as it is where there is nothing to say", () => {
    expect(DENO_SYNTAX.reason("\n", CODE)).toBeUndefined();
  });

  it("is asked about with the code as a module whose first statement throws", () => {
    const encoded = /base64,([A-Za-z0-9+/=]+)"/.exec(DENO_SYNTAX.question(CODE))?.[1] ?? "";
    expect(Buffer.from(encoded, "base64").toString()).toBe(`throw 0;\n${CODE}`);
  });

  it("is not asked about when the code is gigantic", () => {
    expect(DENO_SYNTAX.question("x".repeat(1_000_000))).toBe("");
  });
});

it.each([
  ["python", true, true, false],
  ["Python", true, true, false],
  ["typescript", false, false, true],
  ["R", false, false, false],
])("the traits of %s", (language, inOrder, tellsNone, explains) => {
  const traits = traitsOf(language);
  expect([traits.inOrder, traits.noneExpression !== undefined, traits.syntax !== undefined]).toEqual([
    inOrder,
    tellsNone,
    explains,
  ]);
});
