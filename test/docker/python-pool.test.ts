import { describe, expect, it } from "vitest";
import { emulatorForTests, newIdentifier } from "./support/emulator.js";

const emulator = emulatorForTests({ pools: [{ name: "python", containerType: "PythonLTS" }] });

interface Execution {
  status: string;
  result: { stdout: string; stderr: string; executionResult: unknown };
}

function url(path: string, identifier: string): string {
  return `${emulator.url}/pools/python${path}?api-version=2025-10-02-preview&identifier=${identifier}`;
}

async function run(identifier: string, code: string): Promise<Execution> {
  const answer = await fetch(url("/executions", identifier), {
    method: "POST",
    body: JSON.stringify({ code }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as Execution;
}

async function names(identifier: string): Promise<string[]> {
  const listed = (await (await fetch(url("/files", identifier))).json()) as { value: { name: string }[] };
  return listed.value.map(({ name }) => name);
}

describe("two identifiers", () => {
  const [a, b] = [newIdentifier(), newIdentifier()];

  it("have variables of their own, kept between calls", async () => {
    expect((await run(a, "x = 41")).status).toBe("Succeeded");
    expect((await run(a, "x + 1")).result.executionResult).toBe(42);
    const other = await run(b, "x");
    expect(other.status).toBe("Failed");
    expect(other.result.stderr).toContain("NameError: name 'x' is not defined");
  });

  it("have a /mnt/data of their own, which starts empty", async () => {
    const form = new FormData();
    form.set("file", new Blob(["1,2\n3,4\n"]), "numbers.csv");
    expect((await fetch(url("/files", a), { method: "POST", body: form })).status).toBe(200);
    expect(await names(a)).toEqual(["numbers.csv"]);
    expect(await names(b)).toEqual([]);
    const lines = await run(a, "len(open('/mnt/data/numbers.csv').readlines())");
    expect(lines.result.executionResult).toBe(2);
    expect((await fetch(url("/files/numbers.csv/content", b))).status).toBe(404);
  });

  it("give back what their programs write", async () => {
    await run(a, "open('/mnt/data/out.txt', 'w').write('from inside')");
    const answer = await fetch(url("/files/out.txt/content", a));
    expect(answer.headers.get("content-type")).toBe("application/octet-stream");
    expect(await answer.text()).toBe("from inside");
  });
});

describe("values", () => {
  const identifier = newIdentifier();

  it.each([
    ["1 + 1", 2],
    ["True", true],
    ["0.1 + 0.2", 0.30000000000000004],
    ["'it''s'", "its"],
    ["[1, 'a']", "[1, 'a']"],
    ["float('nan')", "nan"],
    ["y = 3", ""],
    ["None", null],
    ["print('no value')", ""],
  ])("%s is %j", async (code, value) => {
    expect((await run(identifier, code)).result.executionResult).toEqual(value);
  });

  it("streams go to stdout and stderr, the traceback last", async () => {
    const failed = await run(identifier, "import sys\nprint('out')\nprint('err', file=sys.stderr)\n1 / 0");
    expect(failed.status).toBe("Failed");
    expect(failed.result.stdout).toBe("out\n");
    expect(failed.result.stderr).toMatch(/^err\n[\s\S]*ZeroDivisionError: division by zero/);
    expect(failed.result.stderr).not.toContain("\u001b");
  });

  it("a figure is a PNG", async () => {
    const { result } = await run(identifier, "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()");
    const image = result.executionResult as { type: string; format: string; base64_data: string };
    expect(image).toMatchObject({ type: "image", format: "png" });
    expect(Buffer.from(image.base64_data, "base64").subarray(1, 4).toString()).toBe("PNG");
  });

  it("pandas and numpy are there", async () => {
    const code = "import numpy, pandas\nint(pandas.DataFrame({'a': numpy.arange(4)}).a.sum())";
    expect((await run(identifier, code)).result.executionResult).toBe(6);
  });
});

it("has no way out of its network", async () => {
  const code = [
    "import socket, os",
    "reached = []",
    "for address in [('192.0.2.1', 80), ('172.17.0.1', 80), ('10.0.0.1', 80)]:",
    "    try:",
    "        socket.create_connection(address, timeout=2); reached.append(address)",
    "    except OSError: pass",
    "try:",
    "    socket.getaddrinfo('example.com', 80); reached.append('dns')",
    "except OSError: pass",
    "sorted(os.listdir('/sys/class/net')), reached",
  ].join("\n");
  expect((await run(newIdentifier(), code)).result.executionResult).toBe("(['lo'], [])");
});
