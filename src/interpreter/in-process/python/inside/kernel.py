"""Runs cells. `handle` is all that the program around this Python calls."""

import ast
import builtins
import inspect
import itertools
import json
import linecache
import signal
import sys
import types

from session_kernel import figures, formatters, host, loop, memory, shell, tracebacks, transform

_COMPILER_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT

_main = types.ModuleType("__main__")
_main.__builtins__ = builtins
_namespace = _main.__dict__
_shell = shell.InteractiveShell(_namespace)
_loop = None
_serial = itertools.count(1)
_is_interruptible = False
_own_files = set()
#: Says what to do about a module that is missing; set by the importer.
missing_module = None


class StdinNotImplementedError(NotImplementedError):
    """The session has nobody who could answer."""


def start(own_files):
    """Makes this Python a session's. `own_files`: file names of the kernel's own code."""
    global _loop
    _own_files.update(own_files)
    _own_files.add(asyncio_file())
    _loop = loop.install()
    sys.modules["__main__"] = _main
    builtins.get_ipython = lambda: _shell
    builtins.display = display
    builtins.input = _input
    builtins.exit = builtins.quit = None
    _namespace.update(
        {
            "__name__": "__main__",
            "__doc__": "Automatically created module for IPython interactive environment",
            "In": [""],
            "Out": {},
            "_": "",
            "__": "",
            "___": "",
            "_oh": {},
            "_ih": [""],
            "exit": shell.Quitter(_shell, "exit"),
            "quit": shell.Quitter(_shell, "quit"),
            "get_ipython": builtins.get_ipython,
        }
    )
    _namespace["_oh"] = _namespace["Out"]
    _namespace["_ih"] = _namespace["In"]
    signal.signal(signal.SIGINT, _on_interrupt)
    memory.put_by()
    sys.displayhook = lambda value: None


def asyncio_file():
    """Frames of the event loop say nothing to the reader of a traceback."""
    import asyncio

    return asyncio.base_events.__file__


def handle(text):
    """One `execute_request`'s content; answers the reply's content."""
    request = json.loads(text)
    try:
        return json.dumps(_execute(request))
    except (KeyboardInterrupt, MemoryError) as error:
        memory.give_back()
        return json.dumps({"status": "error", "ename": type(error).__name__, "evalue": "", "traceback": []})
    finally:
        memory.put_by()


def display(*objects, include=None, exclude=None, metadata=None, transient=None, display_id=None, raw=False, clear=False, **options):
    """Shows values as IPython's `display` does."""
    if clear:
        host.tell("clear_output", {"wait": True})
    for value in objects:
        bundle = (value, {}) if raw else formatters.bundle_of(value)
        if bundle is not None:
            data, about = bundle
            _flush()
            host.tell("display_data", {"data": data, "metadata": {**about, **(metadata or {})}, "transient": {}})


def _on_interrupt(number, frame):
    if _is_interruptible:
        raise KeyboardInterrupt


def _input(prompt=""):
    raise StdinNotImplementedError(
        "raw_input was called, but this frontend does not support input requests."
    )


def _execute(request):
    global _is_interruptible
    code, silent = request["code"], request["silent"]
    stores = request["store_history"] and not silent
    count = _shell.execution_count
    info = shell.RunInfo(code, stores, silent)
    result = shell.RunResult(info)
    result.execution_count = count if stores else None
    _shell.exit_requested = False
    error = None
    if code.strip():
        _shell.last_execution_result = result
        if stores:
            _namespace["In"].append(code)
            _namespace["_i"] = code
            _namespace[f"_i{count}"] = code
        try:
            try:
                _is_interruptible = True
                value = _run(code, count)
                if not silent:
                    result.result = value
                    _show(value, code, count, stores)
                    figures.flush()
            finally:
                _is_interruptible = False
        except BaseException as caught:
            if isinstance(caught, MemoryError):
                memory.give_back()
            error = _without_own_frames(caught)
            result.error_in_exec = error
        if stores:
            _shell.execution_count += 1
    reply = {"status": "ok", "execution_count": count, "payload": [], "user_expressions": {}}
    if error is None:
        reply["user_expressions"] = _expressions(request["user_expressions"])
    else:
        figures.forget()
        reply = {**reply, "status": "error", **_told(error)}
    if _shell.exit_requested:
        reply["payload"] = [{"source": "ask_exit", "keepkernel": False}]
    _flush()
    if error is not None and not silent:
        host.tell("error", {key: reply[key] for key in ("ename", "evalue", "traceback")})
    return reply


def _run(code, count):
    """Runs a cell. Answers the value of its last expression, if it ends with one."""
    source = transform.transform(code)
    # Runs without history share a count; each needs its own lines in tracebacks.
    name = f"<ipython-input-{count}-{next(_serial)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    tree = compile(source, name, "exec", ast.PyCF_ONLY_AST | _COMPILER_FLAGS)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    if tree.body:
        _evaluate(compile(tree, name, "exec", _COMPILER_FLAGS))
    if last is None:
        return None
    return _evaluate(compile(ast.Expression(last.value), name, "eval", _COMPILER_FLAGS))


def _evaluate(code):
    if code.co_flags & inspect.CO_COROUTINE:
        return _loop.run_until_complete(eval(code, _namespace))
    return eval(code, _namespace)


def _show(value, code, count, stores):
    """As IPython: nothing for None, nothing after a semicolon."""
    if value is None or transform.is_quiet(code):
        return
    builtins._ = value
    if stores:
        _namespace["___"], _namespace["__"], _namespace["_"] = _namespace["__"], _namespace["_"], value
        _namespace[f"_{count}"] = value
        _namespace["Out"][count] = value
    bundle = formatters.bundle_of(value)
    if bundle is None:
        return
    data, metadata = bundle
    _flush()
    host.tell("execute_result", {"data": data, "metadata": metadata, "execution_count": count})


def _expressions(wanted):
    """`user_expressions`: values by name, or what was wrong with the expression."""
    answers = {}
    for name, expression in wanted.items():
        try:
            data, metadata = formatters.bundle_of(eval(expression, _namespace))
            answers[name] = {"status": "ok", "data": data, "metadata": metadata}
        except Exception as error:
            answers[name] = {"status": "error", **_told(error)}
    return answers


def _told(error):
    hint = missing_module(error) if missing_module is not None else None
    evalue = tracebacks.value_text(error)
    try:
        parts = tracebacks.report(error, _own_files, hint)
    except Exception:
        # Formatting needs memory, and calls the user's own code.
        parts = [f"{type(error).__name__}: {evalue}"]
    return {
        "ename": type(error).__name__,
        "evalue": evalue if hint is None else f"{evalue}. {hint}",
        "traceback": parts,
    }


def _without_own_frames(error):
    """The user's code begins below this kernel's frames."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename in _own_files:
        trace = trace.tb_next
    return error.with_traceback(trace)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
