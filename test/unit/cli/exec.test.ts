import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { run } from "../../../src/cli/run.js";
import { RecordingContext } from "./recording-context.js";

/** Writes what it finds in its environment to a file, for standard output is not the test's to read. */
const program = `require("node:fs").writeFileSync("seen.json", JSON.stringify(process.env)); process.exit(4)`;

describe("exec", () => {
  let context: RecordingContext;
  beforeEach(async () => {
    context = new RecordingContext();
    context.environment = { PATH: process.env.PATH, POOL_MANAGEMENT_ENDPOINT: "https://azure.example" };
    context.workingDirectory = await mkdtemp(join(tmpdir(), "dse-exec-"));
  });
  afterEach(() => rm(context.workingDirectory, { recursive: true }));

  it("starts on a free port, silently, sets the environment, stops, ends with the command's code", async () => {
    expect(await run(["exec", "--", process.execPath, "-e", program], context)).toBe(4);
    expect(context.started).toMatchObject([{ port: 0, logLevel: "silent", logOutput: "stderr" }]);
    const seen = JSON.parse(await readFile(join(context.workingDirectory, "seen.json"), "utf8"));
    expect(seen).toMatchObject({
      DSE_URL: "http://localhost:0",
      DSE_POOL_PYTHON: "http://localhost:0/arm/python",
      POOL_MANAGEMENT_ENDPOINT: "http://localhost:0/arm/python",
      IDENTITY_ENDPOINT: "http://127.0.0.1:0/_emulator/msi/token",
    });
    expect(context).toMatchObject({ printed: [], errors: [], closed: 1, listeners: 0, exits: [] });
  });

  it("takes the port that is asked for, by option or variable", async () => {
    await run(["exec", "--port", "4999", "--", process.execPath, "-e", ""], context);
    context.environment = { ...context.environment, DSE_PORT: "4998" };
    await run(["exec", "--", process.execPath, "-e", ""], context);
    expect(context.started.map(({ port }) => port)).toEqual([4999, 4998]);
  });

  it("runs nothing when the emulator does not start", async () => {
    context.starting = async () => {
      throw new Error("no engine");
    };
    expect(await run(["exec", "--", process.execPath, "-e", program], context)).toBe(1);
    expect(context.errors).toEqual(["error: no engine"]);
    await expect(readFile(join(context.workingDirectory, "seen.json"))).rejects.toThrow("ENOENT");
  });

  it("ends with 128 and the signal's number when it is stopped during the start", async () => {
    context.starting = () => new Promise((_, reject) => setTimeout(reject, 100, new Error("aborted")));
    const ended = run(["exec", "--", process.execPath, "-e", program], context);
    await vi.waitFor(() => expect(context.started).toHaveLength(1));
    context.signal("SIGTERM");
    expect(await ended).toBe(143);
    expect(context.errors).toEqual([]);
  });

  it("asks for a command", async () => {
    expect(await run(["exec"], context)).toBe(2);
    expect(context.errors).toEqual(["error: missing required argument 'command'. See --help."]);
  });
});
