"""What programs expect of `get_ipython()`."""

import sys
import time

from session_kernel import transform

NO_PROCESSES = "This session runs without a container: there are no other programs that code could start."
NO_PIP = (
    "This session runs without a container: packages are not installed from within. "
    "Start the emulator with --wheels FOLDER; wheels in that folder can be imported."
)


class UsageError(Exception):
    """A magic that there is not."""


class RunInfo:
    def __init__(self, raw_cell, store_history, silent):
        self.raw_cell = raw_cell
        self.store_history = store_history
        self.silent = silent


class RunResult:
    """How the last run went, under IPython's names."""

    def __init__(self, info):
        self.info = info
        self.execution_count = None
        self.result = None
        self.error_in_exec = None

    @property
    def success(self):
        return self.error_in_exec is None

    def raise_error(self):
        if self.error_in_exec is not None:
            raise self.error_in_exec


class InteractiveShell:
    """The session, as code sees it."""

    def __init__(self, namespace):
        self.user_ns = self.user_global_ns = namespace
        self.execution_count = 1
        self.last_execution_result = None
        self.events = _Events()
        self.kernel = None
        self.exit_requested = False

    def transform_cell(self, source):
        return transform.transform(source)

    def ask_exit(self):
        self.exit_requested = True

    def system(self, command):
        if command.split()[:1] in (["pip"], ["pip3"], ["conda"]) or "-m pip" in command:
            raise RuntimeError(NO_PIP)
        raise RuntimeError(NO_PROCESSES)

    getoutput = system_raw = system

    def run_line_magic(self, name, line):
        if name in ("pip", "conda", "mamba", "uv"):
            raise RuntimeError(NO_PIP)
        if name in ("matplotlib", "config", "load_ext", "autoreload", "precision", "colors"):
            return None
        if name == "time":
            return self._timed(line)
        if name == "pwd":
            import os

            return os.getcwd()
        if name in ("who", "who_ls"):
            return sorted(key for key in self.user_ns if not key.startswith("_"))
        if name in ("sx", "system", "bash", "sh"):
            return self.system(line)
        raise UsageError(f"Line magic function `%{name}` not found.")

    magic = run_line_magic

    def run_cell_magic(self, name, line, cell):
        if name == "time":
            return self._timed(cell)
        if name == "writefile":
            with open(line.strip().split(" ")[-1], "a" if "-a" in line.split() else "w", encoding="utf-8") as file:
                file.write(cell)
            return None
        if name in ("bash", "sh", "script", "system", "sx"):
            return self.system(cell)
        if name in ("capture", "python", "python3"):
            exec(compile(cell, "<cell>", "exec"), self.user_ns)
            return None
        raise UsageError(f"Cell magic `%%{name}` not found.")

    def _timed(self, code):
        started = time.perf_counter()
        try:
            exec(compile(code, "<timed>", "exec"), self.user_ns)
        finally:
            print(f"Wall time: {time.perf_counter() - started:.3g} s", file=sys.stdout)


class _Events:
    """Hooks are taken and never called."""

    def register(self, event, function):
        pass

    unregister = register


class Quitter:
    """`exit` and `quit`: the kernel is started anew after the run, as IPython's is."""

    def __init__(self, shell, name):
        self._shell = shell
        self._name = name

    def __repr__(self):
        return f"<{self._name}: call it to start the session's Python anew>"

    def __call__(self, code=None, keep_kernel=False):
        self._shell.ask_exit()
