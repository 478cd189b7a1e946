import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contentTypeOf } from "../../../src/interpreter/files/content-type.js";
import { rfc3339 } from "../../../src/interpreter/files/entry.js";
import { FileError } from "../../../src/interpreter/files/errors.js";
import { directoryOf, fileOf, pathOf } from "../../../src/interpreter/files/paths.js";

const rules = { root: "/mnt/data", fullAccess: false };
const full = { root: "/mnt/data", fullAccess: true };

describe("the path query", () => {
  it.each([
    [undefined, "/mnt/data"],
    ["", "/mnt/data"],
    ["/", "/mnt/data"],
    [".", "/mnt/data"],
    ["/mnt/data", "/mnt/data"],
    ["/mnt/data/", "/mnt/data"],
    ["mnt/data", "/mnt/data"],
    ["/mnt/data/a", "/mnt/data/a"],
    ["a/b", "/mnt/data/a/b"],
    ["/a//b/", "/mnt/data/a/b"],
    ["./a", "/mnt/data/a"],
    ["/etc", "/mnt/data/etc"],
    ["a/b/c", "/mnt/data/a/b/c"],
  ])("%j means %s", (path, expected) => {
    expect(pathOf(directoryOf(path, rules))).toBe(expected);
  });

  it.each(["..", "a/../b", "/mnt/data/../x", "a/b/c/d", "a\0b", "a\nb", "x".repeat(256)])(
    "%j is refused",
    (path) => {
      expect(() => directoryOf(path, rules)).toThrow(FileError);
    },
  );

  it("may leave the data directory only with full access, and only when absolute", () => {
    expect(pathOf(directoryOf("/tmp/x", full))).toBe("/tmp/x");
    expect(pathOf(directoryOf("tmp/x", full))).toBe("/mnt/data/tmp/x");
    expect(pathOf(directoryOf("/", full))).toBe("/mnt/data");
  });
});

describe("a file's name", () => {
  it.each([
    [undefined, "a.txt", "/mnt/data/a.txt"],
    ["sub", "a.txt", "/mnt/data/sub/a.txt"],
    ["sub", "deep/a.txt", "/mnt/data/sub/deep/a.txt"],
    [undefined, "/mnt/data/sub/a.txt", "/mnt/data/sub/a.txt"],
    [undefined, "mnt/data/a.txt", "/mnt/data/a.txt"],
    [undefined, "//mnt/user/a.txt", "/mnt/data/mnt/user/a.txt"],
    ["/", "/a.txt", "/mnt/data/a.txt"],
  ])("in %j: %j is %s", (path, name, expected) => {
    expect(pathOf(fileOf(path, name, rules))).toBe(expected);
  });

  it.each(["", "..", "../a", "a/../../b", "."])("%j is refused", (name) => {
    expect(() => fileOf(undefined, name, rules)).toThrow(FileError);
  });

  it("never leads out of the data directory", () => {
    const piece = fc.constantFrom("..", ".", "a", "mnt", "data", "", "b c");
    const path = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join("/"));
    fc.assert(
      fc.property(path, path, (directory, name) => {
        try {
          expect(pathOf(fileOf(directory, name, rules))).toMatch(/^\/mnt\/data\/./);
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
        }
      }),
    );
  });
});

describe("what is told about a file", () => {
  it.each([
    ["README.md", "text/markdown; charset=utf-8"],
    ["a.TXT", "text/plain; charset=utf-8"],
    ["data.csv", "text/csv; charset=utf-8"],
    ["a.json", "application/json"],
    ["a.png", "image/png"],
    ["a.unknown", "application/octet-stream"],
    ["Makefile", "application/octet-stream"],
  ])("%s is %s", (name, type) => {
    expect(contentTypeOf(name)).toBe(type);
  });

  it("has times with nine digits, also when they are zeros", () => {
    expect(rfc3339(1730550785677209683n)).toBe("2024-11-02T12:33:05.677209683Z");
    expect(rfc3339(1730550785000000000n)).toBe("2024-11-02T12:33:05.000000000Z");
  });
});
