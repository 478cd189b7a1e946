"""Takes the ways to JavaScript out of this Python, before the user's code runs."""

import gc
import importlib.abc
import sys

_NAMES = frozenset(("js", "pyodide", "pyodide_js", "_pyodide", "_pyodide_core"))
#: Modules with which code could reach into this Python's memory, and from there call what is shut otherwise.
_BARE_METAL = frozenset(
    ("_ctypes", "ctypes", "_testcapi", "_testclinic", "_testclinic_limited", "_testinternalcapi", "_testlimitedcapi")
    + ("_testbuffer", "_xxtestfuzz", "_remote_debugging", "_posixsubprocess")
)
REASON = "There is no such module in a session that runs without a container."


class Shut(importlib.abc.MetaPathFinder):
    """Refuses what is shut, also where its files are still to be found."""

    def find_spec(self, name, path=None, target=None):
        if is_shut(name):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def is_shut(name):
    return name.split(".")[0] in _NAMES | _BARE_METAL


def seal():
    """Afterwards no object that code can reach belongs to JavaScript, nor does any function that makes some.

    Answers the addresses of types that could make some still, and that Python itself cannot take out.
    """
    gc.unfreeze()
    _forget_copies()
    for finder in [finder for finder in sys.meta_path if _is_pyodides(finder)]:
        sys.meta_path.remove(finder)
        _empty(finder)
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if not _is_pyodides(hook)]
    for name in [name for name in sys.modules if is_shut(name)]:
        module = sys.modules.pop(name)
        _empty(getattr(getattr(module, "__spec__", None), "loader", None))
        _empty(module)
    sys.path_importer_cache.clear()
    sys.last_exc = sys.last_type = sys.last_value = sys.last_traceback = None
    sys.meta_path.insert(0, Shut())
    del finder, module
    gc.collect()
    gc.freeze()
    return {"none": id(type(None)), "types": [id(kind) for kind in _kinds(object) if _is_pyodides(kind)]}


def _kinds(kind):
    """Types below another, at any depth."""
    found = []
    for below in type.__subclasses__(kind):
        found += [below, *_kinds(below)]
    return found


def _forget_copies():
    """The interpreter keeps a copy of what a built-in module had in it when it was first imported."""
    for holder in gc.get_referrers(sys.modules["_pyodide_core"].to_js):
        if type(holder) is dict and holder.get("__name__") == "_pyodide_core":
            holder.clear()


def _is_pyodides(found):
    owner = found if isinstance(found, type) else type(found)
    return isinstance(owner.__module__, str) and owner.__module__.split(".")[0] in _NAMES


def _empty(found):
    """Of what others still hold, nothing is left but the shell."""
    content = getattr(found, "__dict__", None)
    if type(content) is dict and not isinstance(found, type) and type(found).__module__ != "zipimport":
        content.clear()
