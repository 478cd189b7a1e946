// LlamaIndex's tool, as installed, with the token of DefaultAzureCredential.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { AzureDynamicSessionTool } from "@llamaindex/azure";
import { stepsOf } from "./steps.mjs";

// The tool writes what it does to the console; standard output belongs to the steps.
console.log = console.error;

const step = stepsOf("llamaindex AzureDynamicSessionTool");
const tool = new AzureDynamicSessionTool({ poolManagementEndpoint: process.env.PYTHON_POOL });

await step("execute", async () => {
  const { result, stdout, stderr } = await tool.call({ code: "print('hello world')\n1 + 1" });
  assert.deepEqual({ result, stdout, stderr }, { result: 2, stdout: "hello world\n", stderr: "" });
});

await step("variables live on", async () => {
  await tool.call({ code: "answer = 6 * 7" });
  assert.equal((await tool.call({ code: "answer" })).result, 42);
});

await step("upload", async () => {
  const uploaded = await tool.uploadFile({ data: new Blob(["1,2\n3,4\n"]), remoteFilename: "numbers.csv" });
  assert.equal(uploaded.filename, "numbers.csv");
  assert.equal(uploaded.size, 8);
});

await step("list", async () => {
  await tool.call({ code: "open('/mnt/data/made.txt', 'w').write('x' * 10)" });
  const listed = Object.fromEntries((await tool.listFiles()).map(({ filename, size }) => [filename, size]));
  assert.deepEqual(listed, { "made.txt": 10, "numbers.csv": 8 });
});

await step("download", async () => {
  const stream = await tool.downloadFile({ remoteFilename: "numbers.csv" });
  assert.equal(await new Response(stream).text(), "1,2\n3,4\n");
});

await step("a failing program", async () => {
  const { stdout, stderr } = await tool.call({ code: "print('before')\n1 / 0" });
  assert.equal(stdout, "before\n");
  assert.match(stderr, /ZeroDivisionError: division by zero/);
});

await step("a figure", async () => {
  const code = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])\nplt.show()";
  const { result } = await tool.call({ code });
  // The tool names what it saved by its path, with the file's name once more at the end.
  const path = String(result).replace(/\/[^/]+$/, "");
  assert.equal((await readFile(path)).subarray(1, 4).toString(), "PNG");
});
