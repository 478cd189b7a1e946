import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, bundle, pyodideFolder, runOn } from "./support.js";

let base: string;
let programs: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "program-")));
  programs = join(base, "programs");
  await bundle(programs, "embedded.mjs", "python-kernel.mjs", "make-snapshot.mjs");
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await rm(base, { recursive: true, force: true });
});

/** Starts the program as it is meant to be started: with permissions of its own, and without an environment. */
async function start(name: string, more: Record<string, unknown> = {}) {
  const folder = join(base, name);
  await mkdir(folder);
  const socketPath = join(folder, "i.sock");
  const readable = [
    programs,
    await realpath(pyodideFolder),
    folder,
    ...(more.snapshotFolder ? [more.snapshotFolder] : []),
  ];
  const permission = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const flags = [
    permission,
    "--no-warnings",
    "--allow-worker",
    "--disallow-code-generation-from-strings",
    ...(process.allowedNodeEnvironmentFlags.has("--allow-net") ? ["--allow-net"] : []),
    ...readable.map((path) => `--allow-fs-read=${path}/*`),
    `--allow-fs-write=${folder}/*`,
  ];
  const order = {
    socketPath,
    kernel: "python",
    folder,
    memoryBytes: 256 * 1024 * 1024,
    pyodideFolder: await realpath(pyodideFolder),
    ...more,
  };
  const child = spawn(process.execPath, [...flags, join(programs, "embedded.mjs")], {
    env: { DSE_EMBEDDED: JSON.stringify(order) },
    cwd: folder,
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  let log = "";
  child.stdout?.on("data", (text) => {
    log += text;
  });
  while (!existsSync(socketPath) && child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 20));
  return { child, folder, socketPath, log: () => log };
}

describe("the program of a session without a container", () => {
  it("serves the interpreter's API under Node's permission model, and ends with its standard input", async () => {
    const { child, folder, socketPath } = await start("one");
    expect((await ask(socketPath, "GET", "/")).json).toEqual({ message: "code interpreter" });
    expect(await runOn(socketPath, "open('/mnt/data/f', 'w').write('x')")).toMatchObject({ value: 1 });
    expect((await ask(socketPath, "GET", "/health")).status).toBe(200);
    expect((await ask(socketPath, "GET", "/health/startup")).status).toBe(200);
    expect(await readdir(join(folder, "data"))).toEqual(["f"]);
    expect(await readdir(join(folder, "home"))).toEqual([]);
    child.stdin?.end();
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });

  it("ends on SIGTERM", async () => {
    const { child } = await start("two");
    child.kill("SIGTERM");
    const [code, signal] = await once(child, "exit");
    expect({ code, signal }).toEqual({ code: 0, signal: null });
  });

  it("says what is wrong with its order", async () => {
    const child = spawn(process.execPath, [join(programs, "embedded.mjs")], {
      env: { DSE_EMBEDDED: "{}" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    let log = "";
    child.stdout.on("data", (text) => {
      log += text;
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(1);
    expect(log).toMatch(/DSE_EMBEDDED is wrong: 'socketPath'/);
  });

  it("ends when Python cannot start, with the reason in its log", async () => {
    const { child, log } = await start("three", { pyodideFolder: join(base, "nowhere") });
    if (child.exitCode === null) await once(child, "exit");
    expect(child.exitCode).toBe(1);
    expect(log()).toMatch(/Python does not start: .*nowhere/);
  });
});

describe("a snapshot", () => {
  const snapshot = async (folder: string) => {
    const child = spawn(process.execPath, [join(programs, "make-snapshot.mjs")], {
      env: { DSE_SNAPSHOT: JSON.stringify({ pyodideFolder, snapshotFolder: folder }) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let printed = "";
    child.stdout.on("data", (text) => {
      printed += text;
    });
    await once(child, "close");
    expect(child.exitCode).toBe(0);
    return printed.trim();
  };

  it("is made once, and sessions start from it, each with its own chance", async () => {
    const folder = join(base, "snapshots");
    const file = await snapshot(folder);
    expect(await readdir(folder)).toHaveLength(1);
    expect(await snapshot(folder)).toBe(file);
    const sessions = await Promise.all([1, 2].map((n) => start(`snapshot-${n}`, { snapshotFolder: folder })));
    const values = await Promise.all(
      sessions.map(({ socketPath }) =>
        runOn(socketPath, "import random, uuid\nf'{random.random()} {uuid.uuid4()}'"),
      ),
    );
    expect(values.map(({ status }) => status)).toEqual(["Succeeded", "Succeeded"]);
    expect(values[0]?.value).not.toBe(values[1]?.value);
    const [first] = sessions;
    const code =
      "import _imp, importlib.machinery\nimport json\njson.dumps(dir(_imp.create_builtin(importlib.machinery.ModuleSpec('_pyodide_core', None))))";
    expect((await runOn(first?.socketPath ?? "", code)).value).not.toMatch(/to_js|create_proxy/);
    for (const { child } of sessions) child.stdin?.end();
  });

  it("that is damaged or missing only makes the start slower", async () => {
    const folder = join(base, "damaged");
    const file = await snapshot(folder);
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, whole.length / 2));
    const { socketPath, child } = await start("damaged-session", { snapshotFolder: folder });
    expect((await runOn(socketPath, "1 + 1")).value).toBe(2);
    child.stdin?.end();
  });
});
