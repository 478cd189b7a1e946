import { describe, expect, it } from "vitest";
import { emulatorForTests, newIdentifier } from "../support/emulator.js";

const VERSION = "2025-10-02-preview";

const emulator = emulatorForTests({
  pools: [
    { name: "node", containerType: "NodeLTS" },
    { name: "shell", containerType: "Shell" },
  ],
});

const at = (pool: string, path: string, identifier: string, query = ""): string =>
  `${emulator.url}/pools/${pool}/${path}?api-version=${VERSION}&identifier=${identifier}${query}`;

async function execute(pool: string, identifier: string, body: object): Promise<Record<string, unknown>> {
  const response = await fetch(at(pool, "executions", identifier), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return { httpStatus: response.status, ...((await response.json()) as object) };
}

async function upload(pool: string, identifier: string, name: string, text: string): Promise<Response> {
  const form = new FormData();
  form.append("file", new Blob([text]), name);
  return fetch(at(pool, "files", identifier), { method: "POST", body: form });
}

describe("a NodeLTS pool", () => {
  it("runs JavaScript and keeps what it declared", async () => {
    const identifier = newIdentifier();
    const first = await execute("node", identifier, { code: "const x = 6 * 7; console.log('hi'); x" });
    expect(first).toMatchObject({
      httpStatus: 200,
      identifier,
      status: "Succeeded",
      result: { stdout: "hi\n", stderr: "", executionResult: 42 },
    });
    const second = await execute("node", identifier, { code: "x + 1" });
    expect(second).toMatchObject({ result: { executionResult: 43 } });
  });

  it("answers code that throws with status Failed and the message", async () => {
    const answer = await execute("node", newIdentifier(), { code: "throw new Error('broken here')" });
    expect(answer).toMatchObject({ httpStatus: 200, status: "Failed" });
    expect(JSON.stringify(answer)).toContain("broken here");
  });

  it("reads an uploaded file", async () => {
    const identifier = newIdentifier();
    expect((await upload("node", identifier, "in.txt", "from outside")).status).toBe(200);
    const answer = await execute("node", identifier, { code: "Deno.readTextFileSync('/mnt/data/in.txt')" });
    expect(answer).toMatchObject({ result: { executionResult: "from outside" } });
  });
});

describe("a Shell pool (api-reference 4.9)", () => {
  const identifier = newIdentifier();

  it.each([
    ["echo out; echo err >&2", "0", "out\n", "err\n"],
    ["exit 1", "1", "", ""],
  ])("answers %s with the exit code as status", async (shellCommand, status, stdout, stderr) => {
    const answer = await execute("shell", identifier, { shellCommand });
    expect(answer).toEqual({
      httpStatus: 200,
      identifier,
      status,
      result: { stdout, stderr, executionTimeInMilliseconds: expect.any(Number) },
    });
  });

  it("answers a command that takes too long with status -1 and the limit as its time", async () => {
    const answer = await execute("shell", identifier, { shellCommand: "sleep 60", timeoutInSeconds: 1 });
    expect(answer).toMatchObject({ httpStatus: 200, status: "-1" });
    expect(answer.result).toMatchObject({ executionTimeInMilliseconds: 1000 });
  });

  it("runs a program without a shell", async () => {
    const answer = await execute("shell", identifier, { execCommandAndArgs: ["printf", "%s", "$HOME"] });
    expect(answer).toMatchObject({ status: "0", result: { stdout: "$HOME" } });
  });

  it("cuts output at 4096 bytes", async () => {
    const answer = await execute("shell", identifier, {
      shellCommand: "head -c 8000 /dev/zero | tr '\\0' x",
    });
    expect(answer).toMatchObject({ status: "0", result: { stdout: "x".repeat(4096) } });
  });

  it("works on uploaded files in the data directory", async () => {
    expect((await upload("shell", identifier, "in.txt", "from outside")).status).toBe(200);
    const answer = await execute("shell", identifier, {
      shellCommand: "cat in.txt; tr a-z A-Z < in.txt > out.txt",
    });
    expect(answer).toMatchObject({ result: { stdout: "from outside" } });
    const content = await fetch(at("shell", "files/out.txt/content", identifier));
    expect(await content.text()).toBe("FROM OUTSIDE");
  });
});
