import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedSession, embedded } from "./support.js";
import { zipOf } from "./zip.js";

const about = (name: string) => ({
  [`${name}-1.0.dist-info/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n`,
  [`${name}-1.0.dist-info/WHEEL`]: "Wheel-Version: 1.0\nTag: py3-none-any\n",
  [`${name}-1.0.dist-info/RECORD`]: "",
});

let wheels: string;
let session: EmbeddedSession;
beforeAll(async () => {
  wheels = await mkdtemp(join(tmpdir(), "wheels-"));
  const tiny = {
    "tiny/__init__.py": "from helper import twice\nfrom .data import text\nanswer = twice(21)\n",
    "tiny/data.py": "import os\ntext = open(os.path.join(os.path.dirname(__file__), 'data.txt')).read()\n",
    "tiny/data.txt": "from the wheel",
    ...about("tiny"),
  };
  await writeFile(join(wheels, "tiny-1.0-py3-none-any.whl"), zipOf(tiny));
  const helper = { "helper.py": "def twice(n):\n    return 2 * n\n", ...about("helper") };
  await writeFile(join(wheels, "helper-1.0-py2.py3-none-any.whl"), zipOf(helper));
  const other = { "foreign/__init__.py": "", ...about("foreign") };
  await writeFile(join(wheels, "foreign-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"), zipOf(other));
  await writeFile(join(wheels, "broken-1.0-py3-none-any.whl"), "no archive");
  session = await embedded({ wheelsFolder: wheels });
});
afterAll(async () => {
  await session.close();
  await rm(wheels, { recursive: true, force: true });
});

describe("wheels of a folder", () => {
  it("can be imported, with what they need and the files in them", async () => {
    expect((await session.run("import tiny\n(tiny.answer, tiny.text)")).value).toBe("(42, 'from the wheel')");
  });

  it("are found by those who look for packages", async () => {
    const code = "import importlib.metadata, importlib.util\nimportlib.metadata.version('tiny')";
    expect((await session.run(code)).value).toBe("1.0");
    expect((await session.run("importlib.util.find_spec('nowhere') is None")).value).toBe(true);
  });

  it("are still there when the session's Python starts anew", async () => {
    await session.run("exit()");
    expect((await session.run("import tiny\ntiny.answer")).value).toBe(42);
  });

  it("that do not fit are none, and the error says what would", async () => {
    const { error, message } = await session.run("import foreign");
    expect(error).toBe("ModuleNotFoundError");
    expect(message).toMatch(/No module named 'foreign'.*--wheels/);
  });

  it("cannot be changed by code", async () => {
    const before = await readdir(wheels);
    for (const code of [
      "open('/mnt/wheels/new', 'w')",
      "import os; os.remove('/mnt/wheels/tiny-1.0-py3-none-any.whl')",
      "import os; os.rename('/mnt/wheels/tiny-1.0-py3-none-any.whl', '/mnt/wheels/x')",
      "open('/mnt/wheels/tiny-1.0-py3-none-any.whl', 'r+b')",
      "import os; os.truncate('/mnt/wheels/tiny-1.0-py3-none-any.whl', 0)",
      "import os; os.mkdir('/mnt/wheels/d')",
    ]) {
      expect((await session.run(code)).status).toBe("Failed");
    }
    expect(await readdir(wheels)).toEqual(before);
    expect((await session.run("exit()\n")).status).toBe("Succeeded");
  });
});

describe("a package that there is not", () => {
  it("is named, with the way to have it", async () => {
    const ran = await session.run("import pandas");
    expect(ran.error).toBe("ModuleNotFoundError");
    expect(ran.message).toMatch(/^No module named 'pandas'\..*--wheels/);
    expect(ran.stderr).toMatch(/--wheels/);
  });

  it("can be done without, as anywhere", async () => {
    const code = "try:\n    import numpy\nexcept ImportError:\n    numpy = None\nnumpy is None";
    expect((await session.run(code)).value).toBe(true);
  });
});
