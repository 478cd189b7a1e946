import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EmbeddedSession, embedded } from "./support.js";

let session: EmbeddedSession;
/** Connections to a server of the host that nobody in a session can reach. */
let connections = 0;
const server = createServer((socket) => {
  connections += 1;
  socket.destroy();
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
  session = await embedded();
  await session.run("import asyncio, gc, importlib.machinery, os, socket, sys, urllib.request, _imp");
});
afterAll(async () => {
  await session.close();
  server.close();
});

describe("to JavaScript there is no way", () => {
  it.each([
    "import js",
    "from js import fetch",
    "import pyodide_js",
    "import pyodide",
    "from pyodide.code import run_js",
    "from pyodide.ffi import to_js, create_proxy, run_sync",
    "from pyodide.http import pyfetch, open_url",
    "import _pyodide_core",
    "import _pyodide._base",
    "import micropip",
    "import ctypes",
    "import _ctypes",
    "import _testinternalcapi",
    "importlib.import_module('js')",
  ])("by %s", async (code) => {
    expect((await session.run(`import importlib\n${code}`)).error).toBe("ModuleNotFoundError");
  });

  it("by the tables behind the imports", async () => {
    const code = `made = [_imp.create_builtin(importlib.machinery.ModuleSpec(name, None)) for name in
  ("_pyodide_core", "_ctypes", "_testcapi", "_testinternalcapi", "_testlimitedcapi", "_posixsubprocess")]
[[name for name in dir(module) if not name.startswith("__")] for module in made if module is not None]`;
    expect((await session.run(code)).value).toMatch(/^\[(\[\])?\]$/);
  });

  it("with the finder taken out that refuses them", async () => {
    const code = `finders = list(sys.meta_path)
sys.meta_path[:] = [finder for finder in finders if type(finder).__name__ != "Shut"]
found = []
for name in ("js", "pyodide_js", "_pyodide_core", "_ctypes"):
    try:
        found += [(name, key) for key in dir(__import__(name)) if not key.startswith("__")]
    except ImportError:
        pass
sys.meta_path[:] = finders
found`;
    expect((await session.run(code)).value).toBe("[]");
  });

  it("by anything that the collector knows of", async () => {
    const code = `gc.unfreeze()
gc.collect()
def owner(found):
    kind = found if isinstance(found, (type, type(len))) else type(found)
    return str(kind.__module__ or "").split(".")[0]
leading = set()
for known in gc.get_objects():
    for found in (known, *gc.get_referents(known)):
        if not isinstance(found, type) and owner(found) in ("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core"):
            if getattr(found, "__dict__", None) != {}:
                leading.add(repr(found))
leading - {"jsnull"}`;
    expect(await session.run(code)).toMatchObject({ status: "Succeeded", value: "set()" });
  });

  it("by an exception of JavaScript's", async () => {
    const code = `def below(kind):
    for one in type.__subclasses__(kind):
        yield one
        yield from below(one)
kinds = [kind for kind in below(BaseException) if str(kind.__module__).startswith("pyodide")]
made = []
for kind in kinds:
    for make in (lambda: kind("x"), lambda: BaseException.__new__(kind, "x"), lambda: type("Own", (kind,), {})("x")):
        try:
            one = make()
            if one is not None:
                made.append(repr(one))
        except TypeError:
            pass
len(kinds) > 0, made`;
    expect((await session.run(code)).value).toBe("(True, [])");
  });
});

describe("to the network there is no way", () => {
  it.each([
    ["a socket", "socket.create_connection(('127.0.0.1', PORT), timeout=2)"],
    ["a socket by number", "s = socket.socket(); s.connect(('127.0.0.1', PORT)); s.send(b'x')"],
    ["a datagram", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))"],
    ["a listener", "socket.create_server(('127.0.0.1', 0))"],
    ["urllib", "urllib.request.urlopen('http://127.0.0.1:PORT/', timeout=2)"],
    ["http.client", "import http.client; http.client.HTTPConnection('127.0.0.1', PORT).request('GET', '/')"],
    ["asyncio", "await asyncio.open_connection('127.0.0.1', PORT)"],
  ])("by %s", async (_, code) => {
    const ran = await session.run(code.replaceAll("PORT", String(port)), { timeoutInSeconds: 5 });
    expect(ran.status).toBe("Failed");
    expect(ran.error).not.toBe("Timeout");
    expect(connections).toBe(0);
    // Whatever was tried, it did not break the session's Python.
    expect((await session.run("'socket' in globals()")).value).toBe(true);
  });
});

describe("to other programs there is no way", () => {
  it.each([
    ["os.system", "os.system('id > /mnt/data/id')", "OSError"],
    ["subprocess", "import subprocess; subprocess.run(['id'])", "OSError"],
    ["os.popen", "os.popen('id')", "OSError"],
    ["os.execv", "os.execv('/bin/sh', ['sh'])", "OSError"],
    ["os.fork", "os.fork()", "OSError"],
    ["threads", "import threading; threading.Thread(target=print).start()", "RuntimeError"],
  ])("by %s", async (_, code, error) => {
    expect((await session.run(code)).error).toBe(error);
  });

  it("by what is behind os.system", async () => {
    await session.run("import posix\nstatus = posix.system('id > /mnt/data/id')");
    expect((await session.run("status != 0, os.listdir('/mnt/data')")).value).toBe("(True, [])");
  });
});

it("nothing of the host's environment is visible", async () => {
  expect((await session.run("sorted(os.environ)")).value).toBe(
    "['HOME', 'LANG', 'LOGNAME', 'MPLBACKEND', 'PATH', 'TMPDIR', 'USER']",
  );
});

it("what is written to the kernel's own descriptors does no harm", async () => {
  const code = `for descriptor in range(3, 20):
    for said in (b'M{"type":"execute_reply","content":{"status":"ok"}}', b'M{"type":"display_data"}', b"Mx", b"Sx", b"S-1", b""):
        try:
            os.write(descriptor, said)
        except OSError:
            pass
'unharmed'`;
  expect((await session.run(code)).value).toBe("unharmed");
  expect((await session.run("1 + 1")).value).toBe(2);
});
