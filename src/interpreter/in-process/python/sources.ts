import backend from "./inside/backend.py";
import figures from "./inside/figures.py";
import formatters from "./inside/formatters.py";
import host from "./inside/host.py";
import ipython from "./inside/ipython.py";
import ipythonDisplay from "./inside/ipython_display.py";
import kernel from "./inside/kernel.py";
import loop from "./inside/loop.py";
import memory from "./inside/memory.py";
import pretty from "./inside/pretty.py";
import seal from "./inside/seal.py";
import setup from "./inside/setup.py";
import shell from "./inside/shell.py";
import tracebacks from "./inside/tracebacks.py";
import transform from "./inside/transform.py";
import wheels from "./inside/wheels.py";

/** The kernel's own Python by module name, below `session_kernel`. */
export const sources: Readonly<Record<string, string>> = {
  backend,
  figures,
  formatters,
  host,
  ipython,
  ipython_display: ipythonDisplay,
  kernel,
  loop,
  memory,
  pretty,
  seal,
  setup,
  shell,
  tracebacks,
  transform,
  wheels,
};

/** The file name that a module's code has in tracebacks. */
export function fileNameOf(module: string): string {
  return `<session_kernel.${module}>`;
}

/**
 * Makes the modules importable without writing files: an importer that holds their text.
 *
 * @returns Python code
 */
export function installer(): string {
  return `
def install():
    import importlib.abc, importlib.machinery, json, sys
    sources = json.loads(${JSON.stringify(JSON.stringify(sources))})
    class Importer(importlib.abc.MetaPathFinder, importlib.abc.Loader):
        def find_spec(self, name, path=None, target=None):
            package, _, module = name.partition(".")
            if package == "session_kernel" and (module in sources or not module):
                return importlib.machinery.ModuleSpec(name, self, is_package=not module)
        def exec_module(self, module):
            name = module.__name__.partition(".")[2]
            if name:
                exec(compile(sources[name], f"<session_kernel.{name}>", "exec"), module.__dict__)
    sys.meta_path.insert(0, Importer())
install()
del install
from session_kernel import setup
setup.prepare()
del setup
`;
}
