import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stripAnsi } from "../../../src/interpreter/execution/ansi.js";
import { CappedText } from "../../../src/interpreter/execution/capped-text.js";
import { codeOf } from "../../../src/interpreter/execution/code-input.js";
import { HRESULT, kernelError, stderrWithError } from "../../../src/interpreter/execution/outcome.js";
import { imageOf, parseLiteral } from "../../../src/interpreter/execution/value.js";

describe("values", () => {
  it.each([
    ["True", true],
    ["False", false],
    ["true", "true"],
    ["2", 2],
    ["-7", -7],
    ["0.30000000000000004", 0.30000000000000004],
    ["1e-07", 1e-7],
    ["nan", "nan"],
    ["inf", "inf"],
    ["-inf", "-inf"],
    ["9007199254740991", 9007199254740991],
    ["1180591620717411303424", "1180591620717411303424"],
    ["'hi'", "hi"],
    ['"it\'s"', "it's"],
    ["'a\\nb\\t\\\\'", "a\nb\t\\"],
    ["'\\x41\\u00e9\\U0001f600'", "Aé😀"],
    ["'\\q'", "\\q"],
    ["'a' 'b'", "'a' 'b'"],
    ["'", "'"],
    ["''", ""],
    ["b'a'", "b'a'"],
    ["[1, 'a']", "[1, 'a']"],
    ["{'a': 1}", "{'a': 1}"],
    ["None", "None"],
    ["\u001b[33m2\u001b[39m", 2],
    ['\u001b[32m"hi"\u001b[39m', "hi"],
  ])("%s becomes %j", (text, value) => {
    expect(parseLiteral(text)).toEqual(value);
  });

  it("keep every string that Python's repr would escape", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const repr = `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n").replace(/\r/g, "\\r")}'`;
        const expected = stripAnsi(repr) === repr ? text : parseLiteral(stripAnsi(repr));
        expect(parseLiteral(repr)).toBe(expected);
      }),
    );
  });

  it("find a picture and drop the line ends of its base64", () => {
    expect(imageOf({ "image/png": "iVBO\nRw==\n", "text/plain": "<Figure>" })).toEqual({
      type: "image",
      format: "png",
      base64_data: "iVBORw==",
    });
    expect(imageOf({ "text/html": "<b>" })).toBeUndefined();
  });
});

describe("capped text", () => {
  it("is the first characters of everything that was appended, whatever the pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), fc.nat(30), (pieces, limit) => {
        const capped = new CappedText(limit);
        for (const piece of pieces) capped.append(piece);
        expect(capped.toString()).toBe(Array.from(pieces.join("")).slice(0, limit).join(""));
      }),
    );
  });

  it("keeps nothing at a limit of 0", () => {
    const capped = new CappedText(0);
    capped.append("x");
    expect([capped.toString(), capped.isFull]).toEqual(["", true]);
  });
});

describe("stderr of a failed run", () => {
  const error = kernelError("ValueError", "no", ["\u001b[31m---\u001b[0m", "trace", "ValueError: no"]);

  it("is what the code wrote, then the traceback without colours", () => {
    expect(stderrWithError({ stderr: "careful", error }, 4096)).toBe("careful\n---\ntrace\nValueError: no");
  });

  it("keeps colours on demand", () => {
    expect(stderrWithError({ stderr: "", error }, 4096, true)).toContain("\u001b[31m---");
  });

  it("never exceeds the limit, and keeps the line that names the error", () => {
    const cut = stderrWithError({ stderr: "w".repeat(4096), error }, 100);
    expect(cut).toHaveLength(100);
    expect(cut.endsWith("\nValueError: no")).toBe(true);
    expect(stderrWithError({ stderr: "", error }, 5)).toBe("Value");
  });

  it("names an error that has no traceback", () => {
    expect(stderrWithError({ stderr: "", error: kernelError("Error", "bad syntax", []) }, 4096)).toBe(
      "Error: bad syntax",
    );
  });

  it("gives the codes of the raw result", () => {
    expect(error.hresult).toBe(HRESULT.error);
    expect(kernelError("", "x", []).hresult).toBe(HRESULT.unnamedError);
    expect(kernelError("KeyboardInterrupt", "", []).hresult).toBe(HRESULT.interrupted);
  });
});

describe("code input", () => {
  const encoded = Buffer.from("print('hallo')").toString("base64");
  it.each([
    ["inlinebase64", encoded, false, "print('hallo')"],
    ["inlinebase64", "%%%", false, undefined],
    ["inline", encoded, true, "print('hallo')"],
    ["inline", encoded, false, encoded],
    ["inlinetext", encoded, true, encoded],
    ["inline", "value123", true, "value123"],
    ["inline", "print(1)", true, "print(1)"],
  ] as const)("%s %j, guessing %s", (type, input, guess, code) => {
    expect(codeOf(input, type, guess)).toBe(code);
  });
});
