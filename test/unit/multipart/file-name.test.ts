import { describe, expect, it } from "vitest";
import { baseName, decodeFileName } from "../../../src/multipart/index.js";

const AIOHTTP = "Python/3.12 aiohttp/3.9.5";

describe("file names", () => {
  it.each([
    ["a plain name", "t.txt", undefined, "t.txt"],
    ["a name with spaces and umlauts", "ü x.txt", "python-requests/2.32", "ü x.txt"],
    ["only the base name of a path", "/mnt/data/a/b.txt", undefined, "b.txt"],
    ["only the base name of a Windows path", "C:\\temp\\b.txt", undefined, "b.txt"],
    ["a MIME encoded word", "=?utf-8?B?w7x4LnR4dA==?=", "SK", "üx.txt"],
    ["a quoted-printable encoded word", "=?utf-8?Q?=C3=BCx_y.txt?=", undefined, "üx y.txt"],
    ["two adjacent encoded words", "=?utf-8?B?w7w=?= =?utf-8?B?eC50eHQ=?=", undefined, "üx.txt"],
    ["text that only looks like an encoded word", "=?nope?B?w7w=?=", undefined, "=?nope?B?w7w=?="],
    ["percent-encoding from aiohttp", "my%20file.txt", AIOHTTP, "my file.txt"],
    ["an encoded slash from aiohttp", "a%2Fb.txt", AIOHTTP, "b.txt"],
    ["a percent sign from aiohttp that encodes nothing", "100%.txt", AIOHTTP, "100%.txt"],
    ["a literal percent-encoding from anyone else", "my%20file.txt", "python-requests/2.32", "my%20file.txt"],
  ])("reads %s", (_what, sent, userAgent, expected) => {
    expect(decodeFileName(sent, userAgent)).toBe(expected);
  });

  it("has no base name for a directory", () => {
    expect(baseName("a/b/")).toBe("");
  });
});
