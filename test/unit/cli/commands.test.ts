import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../../src/cli/run.js";
import { parsePoolsFile } from "../../../src/config/pools-file.js";
import { RecordingContext } from "./recording-context.js";

let context: RecordingContext;
beforeEach(async () => {
  context = new RecordingContext();
  context.workingDirectory = await mkdtemp(join(tmpdir(), "dse-cli-"));
});
afterEach(() => rm(context.workingDirectory, { recursive: true }));

/** Every command with its subcommands, as `--help` shows them. */
const commandLines = [
  ["start"],
  ["exec"],
  ["env"],
  ["pools"],
  ["pools", "list"],
  ["pools", "show"],
  ["pools", "check"],
  ["pools", "init"],
  ["sessions"],
  ["sessions", "list"],
  ["sessions", "stop"],
  ["clock"],
  ["clock", "advance"],
  ["reset"],
  ["token"],
  ["images"],
  ["images", "build"],
  ["images", "list"],
  ["doctor"],
];

describe("--help", () => {
  it("names every command", async () => {
    expect(await run(["--help"], context)).toBe(0);
    for (const name of new Set(commandLines.map(([command]) => command))) {
      expect(context.printed.join("\n")).toMatch(new RegExp(`^  ${name} `, "m"));
    }
  });

  it.each(commandLines)("shows examples of %s %s", async (...words) => {
    expect(await run([...words.filter(Boolean), "--help"], context)).toBe(0);
    const help = context.printed.join("\n");
    expect(help).toMatch(/^Examples:\n {2}\S/m);
    expect(help).toContain(`Usage: dynamic-sessions-emulator ${words.filter(Boolean).join(" ")}`);
  });
});

it("exec's help has the defaults of exec", async () => {
  await run(["exec", "--help"], context);
  const help = context.printed.join(" ").replaceAll(/\s+/g, " ");
  expect(help).toContain("port to listen on, 0 for any free one (default: any free one)");
  expect(help).toContain("(default: silent)");
});

describe("a mistyped word", () => {
  it.each([
    [["docter"], "Did you mean doctor?"],
    [["pools", "chekc"], "Did you mean check?"],
    [["sessions", "list", "--pol", "x"], "Did you mean --pool?"],
    [["env", "--shell", "bash"], "Allowed choices are sh, fish, powershell, cmd"],
    [["clock", "advance", "-5"], "'-5' is invalid for argument 'seconds'. Write a number of seconds"],
    [["clock", "advance", "soon"], "Write a number of seconds, 0 or more"],
    [["env", "--url", "localhost"], 'error: --url: "localhost" is no address of an emulator. Write where'],
    [["doctor", "--pool", "pyton"], 'error: --pool: there is no pool "pyton". Did you mean python?'],
  ])("%j is refused with code 2 and one line", async (words, message) => {
    expect(await run(words, context)).toBe(2);
    expect(context.printed).toEqual([]);
    expect(context.errors).toEqual([expect.stringContaining(message)]);
  });
});

describe.each([
  [["env"]],
  [["pools", "list"]],
  [["pools", "show", "python"]],
  [["sessions", "list"]],
  [["sessions", "stop", "python", "abcd"]],
  [["clock", "advance", "1"]],
  [["reset"]],
  [["token"]],
])("%j", (words) => {
  it("says what to do when no emulator answers", async () => {
    const url = await nobody();
    context.environment = { DSE_URL: url };
    expect(await run(words, context)).toBe(1);
    expect(context.printed).toEqual([]);
    expect(context.errors).toEqual([
      `error: no emulator answers at ${url} (ECONNREFUSED). Start one with: dynamic-sessions-emulator start, or name its address with --url or DSE_URL.`,
    ]);
  });

  it("says so when something else answers", async () => {
    const server = http.createServer((_req, res) => res.writeHead(404).end("<html>not here</html>"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      expect(await run([...words, "--url", `http://127.0.0.1:${port}/`], context)).toBe(1);
      expect(context.errors).toEqual([
        expect.stringContaining(`what answers at http://127.0.0.1:${port} is no emulator`),
      ]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

/** An address that nobody listens on: a port that was free a moment ago. */
async function nobody(): Promise<string> {
  const server = http.createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

it("looks for the emulator on the port of DSE_PORT", async () => {
  context.environment = { DSE_PORT: "2" };
  await run(["token"], context);
  expect(context.errors[0]).toContain("http://localhost:2 ");
});

describe("pools init", () => {
  it("writes a file that has no mistakes, also with its examples switched on", async () => {
    expect(await run(["pools", "init"], context)).toBe(0);
    expect(await run(["pools", "check"], context)).toBe(0);
    expect(context.printed.at(-1)).toBe("pools.yaml: 3 pools (python, node, shell), no mistakes");
    expect(context.errors).toEqual([]);
    const written = await readFile(join(context.workingDirectory, "pools.yaml"), "utf8");
    const [head = "", custom = ""] = written.split(/^(?= {2}# - name: my-byoc)/m);
    const whole = parsePoolsFile(head + custom.replaceAll(/^ {2}# /gm, "  "), "pools.yaml");
    expect(whole.pools.map(({ name }) => name)).toEqual(["python", "node", "shell", "my-byoc"]);
    expect(whole.warnings).toEqual([]);
  });

  it("leaves a file that is there alone", async () => {
    await writeFile(join(context.workingDirectory, "mine.yaml"), "pools: []");
    expect(await run(["pools", "init", "mine.yaml"], context)).toBe(1);
    expect(context.errors[0]).toMatch(/^error: mine\.yaml is there already and was left alone/);
    expect(await readFile(join(context.workingDirectory, "mine.yaml"), "utf8")).toBe("pools: []");
  });
});

describe("pools check", () => {
  it("names every mistake with its line, and starts nothing", async () => {
    await writeFile(
      join(context.workingDirectory, "pools.yaml"),
      "pools:\n  - name: mine\n    containerType: CustomContainer\n    imag: a\n",
    );
    expect(await run(["pools", "check"], context)).toBe(2);
    expect(context.errors).toEqual([
      expect.stringMatching(/^error: pools\.yaml:4:5: pools\[0\]\.imag: unknown key\. Did you mean image\?$/),
    ]);
    expect(context.started).toEqual([]);
  });

  it("refuses a file that is not there", async () => {
    expect(await run(["pools", "check"], context)).toBe(2);
    expect(context.errors[0]).toMatch(/^error: pools\.yaml: .*no such file/);
  });
});
