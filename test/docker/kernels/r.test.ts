import { beforeAll, describe, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { containersForTests, dockerEngine, type TestSession } from "../images/support.js";

const containers = containersForTests();

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["r"]);
  session = await containers.startSession(imageReference("r"));
}, 900_000);

it("is healthy", async () => {
  expect(await session.get("/health")).toMatch(/^"?healthy"?$|"healthy"/);
});

it("writes what is printed to stdout, messages to stderr", async () => {
  const answer = await session.execute('cat("hello\\n"); message("careful")');
  expect(answer).toMatchObject({ status: "Succeeded", result: { stdout: "hello\n" } });
  // The kernel ends a message with a line end of its own.
  expect(answer.result.stderr.trimEnd()).toBe("careful");
});

it.each([
  ["40 + 2", /^(\[1\] )?42$/],
  ['"text"', /^(\[1\] "text"|text)$/],
  ["c(1, 2, 3)", /1\D+2\D+3/],
])("gives the value of %s", async (code, value) => {
  const { result } = await session.execute(code);
  expect(String(result.executionResult)).toMatch(value);
  expect(result).toMatchObject({ stdout: "", stderr: "" });
});

it("keeps variables between calls", async () => {
  expect((await session.execute("x <- 20")).result.executionResult).toBeNull();
  expect(String((await session.execute("x + 1")).result.executionResult)).toMatch(/21/);
});

describe("errors", () => {
  it.each([
    ["stop('broken here')", /broken here/],
    ["undefined_thing", /undefined_thing/],
    ["x <- (", /unexpected|parse/i],
  ])("reports %s", async (code, words) => {
    const answer = await session.execute(code);
    expect(answer.status).toBe("Failed");
    expect(answer.result.stderr).toMatch(words);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    expect(answer.result.stderr).not.toMatch(/\u001b/);
  });

  it("ends an infinite loop at the time limit and answers afterwards", async () => {
    const stuck = await session.execute("while (TRUE) {}", { timeoutInSeconds: 2 });
    expect(stuck.status).toBe("Failed");
    expect(String((await session.execute("2 * 3")).result.executionResult)).toMatch(/6/);
  });
});

it("gives plots as PNG without a display", async () => {
  const { result } = await session.execute("plot(1:3)");
  expect(result).toMatchObject({ executionResult: { type: "image", format: "png" } });
  const { base64_data: data } = result.executionResult as { base64_data: string };
  expect(Buffer.from(data, "base64").subarray(1, 4).toString()).toBe("PNG");
});

it("shares files with the files API", async () => {
  await session.execute('writeLines("by R", "/mnt/data/made.txt")');
  expect(await session.get("/files/made.txt/content?api-version=2025-10-02-preview")).toBe("by R\n");
});
