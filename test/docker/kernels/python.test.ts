import { beforeAll, describe, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { containersForTests, dockerEngine, type TestSession } from "../images/support.js";

const containers = containersForTests();

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["python"]);
  session = await containers.startSession(imageReference("python"));
}, 900_000);

describe("packages that generated code expects", () => {
  it.each([
    "numpy",
    "pandas",
    "matplotlib.pyplot",
    "scipy.stats",
    "sklearn.linear_model",
    "sympy",
    "PIL.Image",
    "openpyxl",
    "docx",
    "requests",
    "seaborn",
    "bs4",
    "lxml.etree",
    "tabulate",
    "pkg_resources",
    "nest_asyncio",
  ])("imports %s without a word", async (name) => {
    const answer = await session.execute(`import ${name}`);
    expect(answer).toMatchObject({ status: "Succeeded", result: { stdout: "", stderr: "" } });
  });

  it("works with a spreadsheet and a document in the data directory", async () => {
    const answer = await session.execute(`
import pandas as pd, docx
pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_excel("/mnt/data/table.xlsx", index=False)
document = docx.Document(); document.add_paragraph("hello"); document.save("/mnt/data/letter.docx")
print(int(pd.read_excel("/mnt/data/table.xlsx")["a"].sum()), docx.Document("/mnt/data/letter.docx").paragraphs[0].text)
`);
    expect(answer.result).toMatchObject({ stdout: "3 hello\n", stderr: "" });
  });

  it("fits a model", async () => {
    const answer = await session.execute(`
from sklearn.linear_model import LinearRegression
round(float(LinearRegression().fit([[0], [1], [2]], [1, 3, 5]).predict([[3]])[0]), 6)`);
    expect(answer.result).toMatchObject({ executionResult: 7, stderr: "" });
  });
});

describe("figures without a display", () => {
  const png = (answer: Awaited<ReturnType<TestSession["execute"]>>): Buffer => {
    expect(answer.result).toMatchObject({ executionResult: { type: "image", format: "png" }, stderr: "" });
    return Buffer.from((answer.result.executionResult as { base64_data: string }).base64_data, "base64");
  };

  it.each([
    ["shown", "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"],
    ["left open", "import matplotlib.pyplot as plt\nplt.plot([1, 2])"],
    ["of seaborn", "import seaborn as sns\nsns.histplot([1, 2, 2, 3])"],
    ["of pandas", "import pandas as pd\npd.Series([1, 3, 2]).plot()"],
    ["of Pillow", "from PIL import Image\nImage.new('RGB', (8, 8), 'red')"],
  ])("come back as PNG when %s", async (_, code) => {
    expect(
      png(await session.execute(code))
        .subarray(0, 8)
        .toString("latin1"),
    ).toBe("\x89PNG\r\n\x1a\n");
  });

  it("go to a file as well", async () => {
    const code =
      "import matplotlib.pyplot as plt\nplt.plot([1]); plt.savefig('/mnt/data/p.png'); plt.close()\n" +
      "open('/mnt/data/p.png', 'rb').read(4)[1:].decode()";
    expect((await session.execute(code)).result).toMatchObject({ executionResult: "PNG", stderr: "" });
  });
});

it("starts AutoGen's executor as it starts itself (clients 3.7)", async () => {
  const packages = await session.execute(
    "\nimport pkg_resources\n[d.project_name for d in pkg_resources.working_set]\n",
  );
  const { executionResult, stderr } = packages.result;
  // The client's own way of reading: what is on stderr comes first.
  const names = `${stderr}${executionResult}`
    .replace(/^\[|\]$/g, "")
    .split(",\n")
    .map((name) => name.trim().replace(/^'|'$/g, ""));
  expect(names.filter((name) => !/^[\w.-]+$/.test(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(["numpy", "pandas", "matplotlib", "pip", "setuptools"]));

  const moved = await session.execute("import os; os.chdir('/mnt/data')");
  expect(moved).toMatchObject({ status: "Succeeded", result: { stdout: "", stderr: "" } });
  expect((await session.execute("os.getcwd()")).result.executionResult).toBe("/mnt/data");
});

it("runs await at the top level, and event loops inside of the kernel's own (clients 4.5)", async () => {
  const define = "import asyncio, nest_asyncio\nasync def later(): await asyncio.sleep(0.01); return 21";
  await session.execute(define);
  expect((await session.execute("2 * await later()")).result).toMatchObject({
    executionResult: 42,
    stderr: "",
  });
  await session.execute("nest_asyncio.apply()");
  expect((await session.execute("asyncio.run(later())")).result).toMatchObject({
    executionResult: 21,
    stderr: "",
  });
  expect((await session.execute("asyncio.run(later()) + await later()")).result).toMatchObject({
    executionResult: 42,
    stderr: "",
  });
});

it("installs nothing and says so in time, having no network", async () => {
  const answer = await session.execute("!pip install --retries 0 --timeout 2 no-such-package-here", {
    timeoutInSeconds: 50,
  });
  expect(answer.status).toBe("Succeeded");
  expect(answer.result.stdout).toMatch(/Could not find a version|No matching distribution/);
});
