import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedForTests, newIdentifier, processesWith } from "../embedded/support.js";
import { sessionFiles, startListener } from "./outside.js";

const embedded = embeddedForTests({
  pools: [{ name: "python", containerType: "PythonLTS", readySessionInstances: 0 }],
});
const identifier = newIdentifier();
let secrets = "";
let outside: { port: number; heard: () => number; close: () => void };

beforeAll(async () => {
  secrets = await mkdtemp(path.join(os.tmpdir(), "dse-secret-"));
  await writeFile(path.join(secrets, "secret.txt"), "a secret of the machine");
  process.env.DSE_TEST_SECRET = "a secret of the environment";
  outside = await startListener();
});
afterAll(async () => {
  delete process.env.DSE_TEST_SECRET;
  outside.close();
  await rm(secrets, { recursive: true, force: true });
});

/** Everything that a run says. */
async function said(code: string, more: object = {}): Promise<string> {
  return JSON.stringify(await embedded.execute("python", identifier, code, more));
}

it("says GOT where something works, which the other tests look for", async () => {
  expect(await said("print('GOT', 6 * 7)")).toMatch(/"stdout":"[^"]*GOT/);
});

it("cannot read the machine's files in any way tried", async () => {
  for (const file of [path.join(secrets, "secret.txt"), "/etc/passwd", path.resolve("package.json")]) {
    const ways = [
      `print(open('${file}').read())`,
      `print(open('/mnt/data/../../../../../../../..${file}').read())`,
      `import os; print(os.read(os.open('${file}', os.O_RDONLY), 1000))`,
      `import pathlib; print(pathlib.Path('${file}').read_text())`,
      `import shutil; shutil.copy('${file}', '/mnt/data/copy'); print(open('/mnt/data/copy').read())`,
      `import os; os.symlink('${file}', '/mnt/data/link'); print(open('/mnt/data/link').read())`,
      `import os; os.link('${file}', '/mnt/data/hard'); print(open('/mnt/data/hard').read())`,
      `import ctypes; print(ctypes.CDLL(None).open(b'${file}', 0))`,
      `import pyodide_js; pyodide_js.FS.mount(pyodide_js.FS.filesystems.NODEFS, {'root': '/'}, '/mnt'); print(open('/mnt${file}').read())`,
      `import js; print(js.require('fs').readFileSync('${file}', 'utf8'))`,
      `from pyodide.code import run_js; print(run_js("process.mainModule.require('fs').readFileSync('${file}', 'utf8')"))`,
    ];
    for (const way of ways) {
      expect(await said(way), way).not.toMatch(/a secret of the machine|root:x:|dynamic-sessions-emulator/);
    }
  }
});

it("cannot write outside of its own folders", async () => {
  const target = path.join(secrets, "written.txt");
  await said(`open('${target}', 'w').write('x')`);
  await said(`open('/mnt/data/../../../../..${target}', 'w').write('x')`);
  await said(`import os; os.makedirs('${secrets}/folder', exist_ok=True)`);
  await said(`import shutil; shutil.rmtree('${secrets}', ignore_errors=True)`);
  expect(await sessionFiles(secrets)).toEqual(["secret.txt"]);
});

it("does not see the machine's environment", async () => {
  expect(await said("import os; print(dict(os.environ))")).not.toMatch(/a secret|DSE_|PATH_INFO|npm_/);
});

it.each([
  "import subprocess; print('GOT', subprocess.run(['id'], capture_output=True).stdout)",
  "import subprocess; print('GOT', subprocess.Popen('id', shell=True).wait())",
  "import os; print('GOT', os.fork())",
  "import os; os.execv('/bin/sh', ['sh', '-c', 'echo GOT'])",
  "import os; os.posix_spawn('/bin/sh', ['sh'], {}); print('GOT')",
  "import multiprocessing; multiprocessing.Process(target=print, args=('GOT',)).start()",
])("starts no process by %s", async (code) => {
  expect(await said(code)).not.toMatch(/"stdout":"[^"]*GOT/);
});

it("signals nobody", async () => {
  await said(`import os, signal; os.kill(${process.pid}, 0); print('GOT')`);
  expect(await said(`import os; print(os.system('kill -0 ${process.pid}'))`)).not.toMatch(/"stdout":"0/);
  expect(await processesWith("/s/")).not.toEqual([]);
});

it("reaches no listener on this machine's loopback", async () => {
  const { port } = outside;
  const ways = [
    `import socket; s = socket.create_connection(('127.0.0.1', ${port}), timeout=3); print('GOT', s.recv(10))`,
    `import urllib.request; print('GOT', urllib.request.urlopen('http://127.0.0.1:${port}/', timeout=3).status)`,
    `import http.client; c = http.client.HTTPConnection('127.0.0.1', ${port}, timeout=3); c.request('GET', '/'); print('GOT', c.getresponse().status)`,
    `from pyodide.http import pyfetch; r = await pyfetch('http://127.0.0.1:${port}/'); print('GOT', r.status)`,
    `from pyodide.http import open_url; print('GOT', open_url('http://127.0.0.1:${port}/').read())`,
    `import js; r = await js.fetch('http://127.0.0.1:${port}/'); print('GOT', r.status)`,
    `import asyncio; r, w = await asyncio.open_connection('127.0.0.1', ${port}); print('GOT')`,
    `import micropip; await micropip.install('http://127.0.0.1:${port}/x-1-py3-none-any.whl'); print('GOT')`,
  ];
  for (const way of ways)
    expect(await said(way, { timeoutInSeconds: 15 }), way).not.toMatch(/"stdout":"[^"]*GOT/);
  expect(await said("import socket; print('GOT', socket.getaddrinfo('example.com', 80))")).not.toMatch(
    /93\.|GOT \[\(.*example/,
  );
  expect(outside.heard()).toBe(0);
}, 120_000);

it.each([
  "import js; print('GOT', js.process.mainModule)",
  "import js; print('GOT', js.globalThis.constructor.constructor('return process')())",
  "import js; print('GOT', js.eval('1 + 1'))",
  "import js; print('GOT', js.Function.new('return 1')())",
  "import js; print('GOT', js.Object.constructor('return this')())",
  "from pyodide.code import run_js; print('GOT', run_js('1 + 1'))",
  "import pyodide_js; print('GOT', pyodide_js.globals)",
  "import pyodide_js; print('GOT', pyodide_js.constructor.constructor('return process')())",
  "from pyodide.ffi import JsProxy, to_js; print('GOT', to_js([1]).constructor.constructor('return process')())",
  "import _pyodide_core; print('GOT', _pyodide_core.JsProxy)",
  "from _pyodide_core import create_proxy; print('GOT', create_proxy(print).constructor.constructor('return process')())",
])("finds no JavaScript by %s", async (code) => {
  expect(await said(code)).not.toMatch(/"stdout":"[^"]*GOT/);
});

it("ends an endless loop at its time limit, keeps the variables, and answers afterwards", async () => {
  await said("kept = 41");
  const stuck = await embedded.execute("python", identifier, "while True: pass", { timeoutInSeconds: 1 });
  expect(stuck.status).toBe("Failed");
  expect(await embedded.value("python", identifier, "kept + 1")).toBe(42);
}, 60_000);

it("answers greed with MemoryError", async () => {
  const { result } = await embedded.execute(
    "python",
    identifier,
    "x = [bytearray(2**28) for _ in range(12)]",
    { timeoutInSeconds: 60 },
  );
  expect(result.stderr).toMatch(/MemoryError/);
  expect(await embedded.value("python", identifier, "1 + 1")).toBe(2);
}, 90_000);
