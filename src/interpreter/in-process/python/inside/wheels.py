"""Packages from a folder of wheels, unpacked into the user's own site-packages when they are first imported."""

import importlib
import importlib.abc
import importlib.machinery
import os
import re
import sys
import zipfile

from session_kernel import seal

WITHOUT = (
    "This session runs without a container and has Python's standard library only: "
    "start the emulator with --wheels FOLDER; wheels in that folder can be imported."
)
WITH = "It is not among the wheels in the folder of --wheels: put a wheel of it there that fits {tags}."

_ABI = re.compile(r"-(?:py3|py2\.py3|py31\d|cp31\d)(?:\.[a-z0-9]+)*-(?:none|abi3|cp31\d)-(any|(?:pyodide|emscripten|pyemscripten)_\w+)\.whl$")


class WheelFinder(importlib.abc.MetaPathFinder):
    """Finds what a wheel brings along; importing it unpacks the wheel."""

    def __init__(self, folder):
        self._folder = folder
        self._wheels = None
        # Where pip puts what a user installs; the folder is the session's own.
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self._target = os.path.join(os.path.expanduser("~"), ".local", "lib", version, "site-packages")
        if os.path.isdir(self._target):
            sys.path.append(self._target)

    def find_spec(self, name, path=None, target=None):
        if path is not None:
            return None
        wheels = self._index().pop(name, ())
        if not wheels:
            return None
        for wheel in wheels:
            self._unpack(wheel)
        if self._target not in sys.path:
            sys.path.append(self._target)
        importlib.invalidate_caches()
        return importlib.machinery.PathFinder.find_spec(name, [self._target])

    def _index(self):
        """Wheels by the top-level names they bring along."""
        if self._wheels is None:
            self._wheels = {}
            for file in sorted(os.listdir(self._folder)):
                if not _fits(file):
                    continue
                wheel = os.path.join(self._folder, file)
                for name in _names(wheel):
                    self._wheels.setdefault(name, []).append(wheel)
        return self._wheels

    def _unpack(self, wheel):
        os.makedirs(self._target, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self._target)


def _fits(file):
    found = _ABI.search(file)
    return found is not None and ("cp3" not in file or f"cp3{sys.version_info.minor}" in file or "abi3" in file)


def _names(wheel):
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return set()
    names = set()
    for member in members:
        first, slash, _ = member.partition("/")
        if slash and not first.endswith((".dist-info", ".data")):
            names.add(first)
        elif not slash and first.endswith((".py", ".so")):
            names.add(first.split(".")[0])
    return names


def install(folder):
    """Makes the wheels of a folder importable; without a folder, only says what to do. Answers the adviser."""
    if folder is not None:
        sys.meta_path.append(WheelFinder(folder))

    def advice(error):
        if type(error).__name__ == "ZoneInfoNotFoundError":
            return "This session has no time zones of its own: with --wheels FOLDER, a wheel of tzdata there brings them."
        if not isinstance(error, ModuleNotFoundError) or not error.name:
            return None
        top = error.name.split(".")[0]
        if seal.is_shut(top):
            return seal.REASON
        if top in sys.modules and top == error.name:
            return None
        if top in sys.stdlib_module_names:
            return None if top in sys.modules else "This part of the standard library does not exist in WebAssembly."
        return WITHOUT if folder is None else WITH.format(tags="Python 3.%d, any platform" % sys.version_info.minor)

    return advice
