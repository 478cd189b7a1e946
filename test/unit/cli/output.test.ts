import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { clientEnvironment } from "../../../src/cli/client-environment.js";
import { progressLines } from "../../../src/cli/progress-lines.js";
import { assignment, usualShell } from "../../../src/cli/shell-syntax.js";
import { PulledShare } from "../../../src/runtime/docker/pulled-share.js";

describe("assignment", () => {
  it.each(["plain", "it's", 'a $HOME `b` \\ "c"'])("survives a real shell: %s", (value) => {
    const script = `${assignment("sh", "SEEN", value)}; printf %s "$SEEN"`;
    expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(value);
  });

  it("quotes as each shell wants it", () => {
    expect(assignment("fish", "A", "it's\\")).toBe("set -gx A 'it\\'s\\\\'");
    expect(assignment("powershell", "A", "it's")).toBe("$Env:A = 'it''s'");
    expect(assignment("cmd", "A", "b c")).toBe('set "A=b c"');
  });

  it("takes the shell that somebody types in", () => {
    expect(usualShell({ SHELL: "/usr/bin/fish" }, "linux")).toBe("fish");
    expect(usualShell({ SHELL: "/bin/zsh" }, "darwin")).toBe("sh");
    expect(usualShell({}, "win32")).toBe("powershell");
  });
});

describe("clientEnvironment", () => {
  const pools = [
    { name: "my-byoc", containerType: "CustomContainer", endpoint: "http://my-byoc.localhost:1" },
    { name: "py", containerType: "PythonLTS", endpoint: "http://localhost:1/py" },
  ];

  it("names each pool, and gives clients the Python pool wherever it stands", () => {
    expect(clientEnvironment({ url: "http://localhost:1", pools })).toMatchObject({
      DSE_POOL_MY_BYOC: "http://my-byoc.localhost:1",
      DSE_POOL_PY: "http://localhost:1/py",
      POOL_MANAGEMENT_ENDPOINT: "http://localhost:1/py",
      AzureContainerAppSessionPool__Endpoint: "http://localhost:1/py",
      ACA_POOL_MANAGEMENT_ENDPOINT: "https://localhost:1/py",
    });
  });

  it("gives them the first pool when there is none for Python", () => {
    const variables = clientEnvironment({ url: "http://localhost:1", pools: pools.slice(0, 1) });
    expect(variables.POOL_MANAGEMENT_ENDPOINT).toBe("http://my-byoc.localhost:1");
    expect(variables).not.toHaveProperty("AZURE_DYNAMIC_SESSIONS_SHELL_POOL_MANAGEMENT_ENDPOINT");
  });
});

describe("progressLines", () => {
  const lines = [
    "python: step 3/12  RUN pip install numpy (3.4 s)",
    "python: built in 9.1 s",
    "my:dev: 40 % of 120 MB pulled",
  ];

  it("prints every line without a terminal", () => {
    const printed: string[] = [];
    const progress = progressLines({ terminal: undefined }, (line) => printed.push(line));
    for (const line of lines) progress.line(line);
    progress.end();
    expect(printed).toEqual(lines);
  });

  it("draws bars in place on a terminal, no wider than it, and leaves nothing of them", () => {
    const printed: string[] = [];
    const pieces: string[] = [];
    const terminal = { columns: () => 40, write: (text: string) => void pieces.push(text) };
    const progress = progressLines({ terminal }, (line) => printed.push(line));
    for (const line of lines) progress.line(line);
    progress.end();
    expect(printed).toEqual(["python: built in 9.1 s"]);
    const [first = "", second = "", rest] = pieces.join("").split("\r\u001b[K");
    expect(first).toMatch(/^python ███░{17} 3\/12 {2}RUN/);
    expect(first.length).toBeLessThan(40);
    expect(second).toMatch(/^my:dev █{8}░{12} 40 %/);
    expect(rest).toBe("");
  });
});

describe("PulledShare", () => {
  it("counts all layers together, in steps worth a line, and never backwards", () => {
    const shares = new PulledShare("my:dev");
    const take = (id: string, current: number) =>
      shares.take({ id, status: "Downloading", progressDetail: { current, total: 50e6 } });
    expect(take("a", 1e6)).toBeUndefined();
    expect(take("a", 25e6)).toBe("my:dev: 50 % of 50 MB pulled");
    expect(take("b", 0)).toBeUndefined();
    expect(take("b", 50e6)).toBe("my:dev: 75 % of 100 MB pulled");
    expect(shares.take({ id: "a", status: "Pull complete" })).toBe("my:dev: 100 % of 100 MB pulled");
    expect(shares.take({ status: "Digest: sha256:0" })).toBeUndefined();
  });
});
