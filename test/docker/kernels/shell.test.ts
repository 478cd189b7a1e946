import { beforeAll, describe, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { containersForTests, dockerEngine, type TestSession } from "../images/support.js";

const containers = containersForTests();

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["shell"]);
  session = await containers.startSession(imageReference("shell"), { port: 6003 });
}, 900_000);

interface ShellAnswer {
  status: string;
  errorName: string;
  exitCode: number;
  result: { stdout: string; stderr: string; executionTimeInMilliseconds: number };
}

const run = async (shellCommand: string, more: object = {}): Promise<ShellAnswer> =>
  JSON.parse(await session.post("/shellExecute?identifier=s1", { shellCommand, ...more })) as ShellAnswer;

const stdoutOf = async (shellCommand: string): Promise<string> => (await run(shellCommand)).result.stdout;

describe("the place that commands run in (api-reference 4.9)", () => {
  it("is a login shell of root in the data directory", async () => {
    expect(await stdoutOf('id -un; pwd; echo "$HOME"; shopt -q login_shell && echo login')).toBe(
      "root\n/mnt/data\n/root\nlogin\n",
    );
  });

  it("has the documented PATH", async () => {
    expect(await stdoutOf('echo "$PATH"')).toBe(
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n",
    );
  });

  it.each([
    ["/mnt/data", "777"],
    ["/app", "755"],
    ["/tmp", "1777"],
    ["/root", "700"],
  ])("has %s with mode %s", async (path, mode) => {
    expect(await stdoutOf(`stat -c %a ${path}`)).toBe(`${mode}\n`);
  });

  it("starts with an empty data directory", async () => {
    expect(await stdoutOf("ls -A /mnt/data")).toBe("");
  });

  it.each([
    "python3 node gcc make git curl wget jq tar zip unzip file less bc",
    "awk sed grep find base64 sort xargs cut tr head tail wc ls stat sha256sum",
  ])("has %s", async (names) => {
    expect(await stdoutOf(`for name in ${names}; do command -v $name >/dev/null || echo $name; done`)).toBe(
      "",
    );
  });

  it("has GNU's ls, grep and awk as deepagents' backend uses them (clients 3.1)", async () => {
    await run("mkdir -p d/sub && printf 'one\\ntwo\\n' > 'd/a b.txt'");
    expect(await stdoutOf("ls -1apL d")).toBe("./\n../\na b.txt\nsub/\n");
    expect(await stdoutOf("grep -rHnF -- two d")).toBe("d/a b.txt:2:two\n");
    expect(await stdoutOf("awk 'NR>=2 {printf \"%6d\\t%s\\n\", NR, $0}' 'd/a b.txt'")).toBe("     2\ttwo\n");
    await run("rm -r d");
  });

  it("compiles and runs C, Python and JavaScript", async () => {
    const c =
      "printf '#include <stdio.h>\\nint main(void){puts(\"c\");}' > /tmp/a.c && gcc -o /tmp/a /tmp/a.c && /tmp/a";
    expect(await stdoutOf(`${c}; python3 -c 'print("python")'; node -e 'console.log("node")'`)).toBe(
      "c\npython\nnode\n",
    );
  });

  it("tells nothing of the interpreter's own variables", async () => {
    expect(await stdoutOf("env | grep -ci -e token -e jupyter")).toBe("0\n");
  });
});

it("keeps files but neither directory nor variables between commands", async () => {
  await run("echo kept > file.txt; cd /tmp; export GONE=1");
  expect(await stdoutOf('pwd; cat file.txt; echo "[$GONE]"')).toBe("/mnt/data\nkept\n[]\n");
});

it("cuts each stream at 4096 bytes without a word", async () => {
  const answer = await run("head -c 8000 /dev/zero | tr '\\0' x; head -c 8000 /dev/zero | tr '\\0' y >&2");
  expect(answer).toMatchObject({ status: "Succeeded", exitCode: 0, errorName: "" });
  expect([answer.result.stdout, answer.result.stderr]).toEqual(["x".repeat(4096), "y".repeat(4096)]);
});

it("kills the whole group at the time limit", async () => {
  const answer = await run("sleep 1234 & sleep 1234 | cat", { timeoutInSeconds: 1 });
  expect(answer).toMatchObject({ status: "Failed", exitCode: -1, errorName: "ExecutionTimeout" });
  expect(answer.result.executionTimeInMilliseconds).toBe(1000);
  expect(await stdoutOf("pgrep -fx 'sleep 1234'")).toBe("");
});

it("leaves no dead processes behind", async () => {
  await run("for i in 1 2 3; do (sleep 0.1 &) ; done");
  await expect.poll(() => stdoutOf("ps -eo stat= | grep -c ^Z"), { timeout: 10_000 }).toBe("0\n");
});

it("serves the files API, outside of the data directory too", async () => {
  await run("echo inside > inside.txt; mkdir -p /srv/x && echo outside > /srv/x/outside.txt");
  const version = "api-version=2025-10-02-preview";
  expect(await session.get(`/files/inside.txt/content?${version}`)).toBe("inside\n");
  expect(await session.get(`/files/outside.txt/content?path=/srv/x&${version}`)).toBe("outside\n");
});
