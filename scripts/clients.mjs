// npm run test:clients: drives the real clients, unmodified, against an emulator with real sessions. Says loudly
// which clients it could not install; the exit code is 1 when a step failed, 75 when something could not be run.
import { spawn } from "node:child_process";
import { copyFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ensureBuilt } from "./lib/build.mjs";
import { nodeClients, pythonClients } from "./lib/client-packages.mjs";
import { requireEngine } from "./lib/engine.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main, root, ScriptError, say } from "./lib/project.mjs";
import { runNode } from "./lib/run.mjs";

const programs = join(root, "test/clients");
const images = ["base", "python", "shell", "relay"];
/** Longest that one client may take before its silence counts as a failure. */
const longestRunMs = 300_000;
const couldNotRun = 75;

await main(async () => {
  await ensureInstalled();
  await ensureBuilt();
  process.env.DOCKER_HOST = await requireEngine();
  if (
    (await runNode("dist/cli/main.js", ["images", "build", ...images], { stdio: ["ignore", 2, 2] })) !== 0
  ) {
    throw new ScriptError("The images could not be built; see above.");
  }
  const [python, node] = [await pythonClients(), await nodeClients()];
  const runs = [
    { client: "LangChain, Python REPL tool", from: python, program: "langchain_python.py" },
    { client: "LangChain, bash tool", from: python, program: "langchain_bash.py" },
    { client: "Semantic Kernel", from: python, program: "semantic_kernel_python.py" },
    { client: "LlamaIndex", from: node, program: "llamaindex.mjs" },
    { client: "@azure/identity", from: node, program: "azure_identity.mjs" },
  ];
  const { startEmulator } = await import("../dist/index.js");
  const emulator = await startEmulator({
    port: 0,
    pools: [
      { name: "python", containerType: "PythonLTS" },
      { name: "shell", containerType: "Shell" },
    ],
  });
  const total = { passed: 0, failed: 0 };
  const missing = [];
  try {
    const environment = environmentOf(emulator);
    for (const { client, from, program } of runs) {
      if ("missing" in from) missing.push(`${client}: ${from.missing}`);
      else add(total, await runClient(client, await commandOf(from, program), environment));
    }
  } finally {
    await emulator.close();
  }
  for (const line of missing) say(`*** DID NOT RUN *** ${line}`);
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  process.exitCode = total.failed > 0 ? 1 : missing.length > 0 ? couldNotRun : 0;
});

/** What the clients find: pools, and a managed identity as App Service has it; nothing of this machine's Azure. */
function environmentOf(emulator) {
  const own = Object.entries(process.env).filter(([name]) => !/^(AZURE_|MSI_|IDENTITY_)/.test(name));
  const endpoint = (name) => emulator.pools.find((pool) => pool.name === name).endpoint;
  return {
    ...Object.fromEntries(own),
    EMULATOR: emulator.url,
    PYTHON_POOL: endpoint("python"),
    SHELL_POOL: endpoint("shell"),
    IDENTITY_ENDPOINT: `${emulator.url.replace("localhost", "127.0.0.1")}/_emulator/msi/token`,
    IDENTITY_HEADER: "x",
    NO_PROXY: "localhost,127.0.0.1",
    no_proxy: "localhost,127.0.0.1",
    PYTHONDONTWRITEBYTECODE: "1",
  };
}

/** Node finds packages from where a program lies, so programs for Node are put beside them. */
async function commandOf(from, program) {
  if ("python" in from) return { command: from.python, args: [join(programs, program)], cwd: root };
  for (const name of await readdir(programs)) {
    if (name.endsWith(".mjs")) await copyFile(join(programs, name), join(from.folder, name));
  }
  return { command: process.execPath, args: [join(from.folder, program)], cwd: from.folder };
}

/** Runs a client's program and counts its lines `ok …` and `not ok …`; everything else it says goes to standard error. */
async function runClient(client, { command, args, cwd }, env) {
  const counts = { passed: 0, failed: 0 };
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), longestRunMs);
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? code));
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("ok ")) counts.passed += 1;
    else if (line.startsWith("not ok ")) counts.failed += 1;
    (/^(not )?ok /.test(line) ? process.stdout : process.stderr).write(`${line}\n`);
  }
  const end = await ended;
  clearTimeout(timer);
  // A program that ends in its middle has failed, whatever it said before.
  if (counts.passed + counts.failed === 0 || (end !== 0 && counts.failed === 0)) {
    counts.failed += 1;
    process.stdout.write(`not ok ${client}: its program ended with ${end}\n`);
  }
  return counts;
}

function add(total, counts) {
  total.passed += counts.passed;
  total.failed += counts.failed;
}
