import { beforeAll, expect, it } from "vitest";
import { buildImages } from "../../../src/runtime/docker/images/build-images.js";
import { imageReference } from "../../../src/runtime/docker/images/catalog.js";
import { containersForTests, dockerEngine, type TestSession } from "./support.js";

const containers = containersForTests();

let session: TestSession;

beforeAll(async () => {
  await buildImages(await dockerEngine(), ["python"]);
  session = await containers.startSession(imageReference("python"));
}, 900_000);

it("imports what generated code expects", async () => {
  const modules =
    "numpy, pandas, matplotlib, scipy, sklearn, sympy, PIL, openpyxl, docx, requests, seaborn, nest_asyncio";
  const answer = await session.execute(`import ${modules}\nprint('all there')`);
  expect(answer.result).toMatchObject({ stdout: "all there\n", stderr: "" });
});

it("lists packages with pkg_resources without a word on stderr (clients 3.7)", async () => {
  const answer = await session.execute(
    "import pkg_resources\nprint('numpy' in [d.project_name for d in pkg_resources.working_set])",
  );
  expect(answer.result).toMatchObject({ stdout: "True\n", stderr: "" });
});

it("shows figures as PNG without a display", async () => {
  const answer = await session.execute("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()");
  const { executionResult } = answer.result;
  expect(executionResult).toMatchObject({ type: "image", format: "png" });
  const { base64_data: data } = executionResult as { base64_data: string };
  expect(Buffer.from(data, "base64").subarray(1, 4).toString()).toBe("PNG");
});
