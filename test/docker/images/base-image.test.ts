import { beforeAll, describe, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { eventually } from "../support/emulator.js";
import { containersForTests, dockerEngine, type TestSession } from "./support.js";

const containers = containersForTests();

const BASE = imageReference("base");

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["base"]);
}, 900_000);

describe("the base image keeps the contract of BYOC images (byoc 2.1)", () => {
  let session: TestSession;
  beforeAll(async () => {
    session = await containers.startSession(BASE);
  });

  it.each([
    ["/mnt/data", "777 root"],
    ["/app/interpreter.mjs", "644 root"],
    ["/app/codeInterpreterConf.yaml", "644 root"],
    ["/home/ubuntu/snenv", "755 ubuntu"],
  ])("has %s with mode and owner %s", async (path, modeAndOwner) => {
    expect((await session.run("stat", "-c", "%a %U", path)).trim()).toBe(modeAndOwner);
  });

  it.each(["pip3", "jupyter", "jupyter-kernelspec"])(
    "has a working %s in the virtual environment",
    async (name) => {
      const output = await session.run(
        "setpriv",
        "--reuid=ubuntu",
        "--regid=ubuntu",
        "--init-groups",
        `/home/ubuntu/snenv/bin/${name}`,
        "--version",
      );
      expect(output).toMatch(/^\D*\d+\.\d+/);
    },
  );

  it.each(["gcc", "make", "wget"])("brings %s for recipes that compile or fetch", async (name) => {
    expect((await session.run("which", name)).trim()).toBe(`/usr/bin/${name}`);
  });

  it("works in /app as root and runs code as ubuntu, outside the data directory", async () => {
    expect((await session.run("sh", "-c", "pwd; id -un")).split(/\s+/)).toEqual(["/app", "root", ""]);
    const answer = await session.execute(
      "import os, pwd\nprint(pwd.getpwuid(os.getuid()).pw_name, os.getuid(), os.environ['HOME'], os.getcwd())",
    );
    expect(answer.result.stdout).toBe("ubuntu 1000 /home/ubuntu /home/ubuntu\n");
  });

  it("runs kernels with the virtual environment's Python and pip first on the path", async () => {
    const answer = await session.execute("import sys, shutil\nprint(sys.executable, shutil.which('pip3'))");
    expect(answer.result.stdout).toBe("/home/ubuntu/snenv/bin/python3 /home/ubuntu/snenv/bin/pip3\n");
  });

  it("does not hand the Jupyter server's token to the code", async () => {
    const answer = await session.execute("import os\nprint([k for k in os.environ if 'TOKEN' in k])");
    expect(answer.result.stdout).toBe("[]\n");
  });

  it("opens no port but the interpreter's to other machines", async () => {
    const listening = await session.run("sh", "-c", "cat /proc/net/tcp /proc/net/tcp6");
    const open = listening
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && !local?.startsWith("0100007F:"))
      .map(([, local]) => Number.parseInt(local?.split(":")[1] ?? "", 16));
    expect(open).toEqual([6000]);
  });
});

describe("the base image's container", () => {
  it("ends by itself on SIGTERM", async () => {
    const session = await containers.startSession(BASE);
    await session.stop();
    expect(await session.exitCode()).toBe(143);
  });

  it("goes on with its files and a new kernel when it is started again", async () => {
    const session = await containers.startSession(BASE);
    await session.execute("x = 1\nopen('/mnt/data/kept.txt', 'w').write('kept')");
    // Killed, nothing has been tidied up: socket and connection files are still there.
    await session.kill();
    await session.startAgain();
    await eventually("it is healthy again", async () => /"healthy"/.test(await session.get("/health")));
    const answer = await session.execute("print(open('/mnt/data/kept.txt').read(), 'x' in globals())");
    expect(answer.result).toMatchObject({ stdout: "kept False\n", stderr: "" });
  });

  it("lets code write to a volume of root's over the data directory", async () => {
    const host = { Tmpfs: { "/mnt/data": "mode=0755" } };
    const session = await containers.startSession(BASE, { host });
    const answer = await session.execute("open('/mnt/data/a.txt', 'w').write('abc')");
    expect(answer.result).toMatchObject({ executionResult: 3, stderr: "" });
  });

  it.each(["1000", "12345", "12345:0"])("works as user %s instead of root", async (user) => {
    const session = await containers.startSession(BASE, { user });
    const answer = await session.execute(
      "import os\nopen('/mnt/data/a.txt', 'w').write('a')\nopen(os.path.expanduser('~/b.txt'), 'w').write('b')\nos.getuid()",
    );
    expect(answer.result).toMatchObject({ executionResult: Number.parseInt(user, 10), stderr: "" });
    expect(await session.logs()).toContain("instead of root");
  });

  it("says which setting to change when the configuration and the variable name different kernels", async () => {
    const session = await containers.start(BASE, undefined, { env: ["CODE_INTERPRETER_KERNEL_NAME=other"] });
    expect(await session.exitCode()).toBe(1);
    await eventually("the log says so", async () =>
      /'spec\.kernel\.name' is 'python3' but CODE_INTERPRETER_KERNEL_NAME is 'other'/.test(
        await session.logs(),
      ),
    );
  });

  it.each([
    ["start_jupyter.py", "the Jupyter server ended"],
    ["interpreter.mjs", "the interpreter ended"],
  ])("ends with a line that says so when %s dies", async (program, words) => {
    const session = await containers.startSession(BASE);
    await session.run("pkill", "-KILL", "-f", `/app/${program}`);
    expect(await session.exitCode()).toBe(137);
    await eventually(`the log says '${words}'`, async () => (await session.logs()).includes(words));
  });
});
