"""Steps of a start: `prepare` before a snapshot may be taken, `begin` in each session."""

import json


def prepare():
    """Imports what every session needs anyway."""
    import ast, asyncio, base64, codecs, collections, contextlib, copy, csv, dataclasses, datetime, decimal  # noqa
    import enum, fractions, functools, glob, hashlib, heapq, html, inspect, io, itertools, linecache  # noqa
    import math, operator, os, pathlib, pprint, random, re, shutil, signal, statistics, string, struct  # noqa
    import subprocess, tempfile, textwrap, time, tokenize, traceback, typing, unittest, urllib.request, uuid  # noqa
    import warnings, zipfile, zoneinfo  # noqa

    from session_kernel import figures, formatters, host, ipython, kernel, loop, seal, shell, wheels  # noqa

    # What is there by now stays: no collection in a session need look at it again.
    import gc

    gc.collect()
    gc.freeze()


def begin(text, own_files):
    """Makes this Python the session's; `text` is JSON."""
    import io
    import os
    import random
    import subprocess
    import sys

    from session_kernel import figures, host, ipython, kernel, shell, wheels

    order = json.loads(text)
    host.connect(order["device"])
    random.seed()
    os.environ.clear()
    os.environ.update({"HOME": order["home"], "USER": "ubuntu", "LOGNAME": "ubuntu", "LANG": "C.UTF-8"})
    os.environ.update({"MPLBACKEND": figures.BACKEND, "PATH": "/usr/local/bin:/usr/bin:/bin", "TMPDIR": "/tmp"})
    os.chdir(order["home"])
    sys.stdin = io.StringIO("")
    sys.stdout = sys.__stdout__ = _writer(1)
    sys.stderr = sys.__stderr__ = _writer(2)
    sys.argv[:] = [""]
    def refuse(*args, **kwargs):
        raise OSError(shell.NO_PROCESSES)

    class Popen(subprocess.Popen):
        __init__ = refuse

        def __del__(self):
            pass

    subprocess.Popen = Popen
    os.system = os.popen = refuse
    for name in [name for name in dir(os) if name.startswith(("exec", "spawn", "posix_spawn", "fork"))]:
        setattr(os, name, refuse)
    kernel.start(own_files)
    ipython.install()
    kernel.missing_module = wheels.install(order.get("wheels"))


def close_ways_out():
    """To be called last, and not by way of pyodide's own `eval`. Answers JSON: types that must not make objects."""
    import sys

    from session_kernel import seal

    # Python's own list of what is built in; the modules themselves are taken out of its table.
    sys.builtin_module_names = tuple(name for name in sys.builtin_module_names if not seal.is_shut(name))
    return json.dumps(seal.seal())


def _writer(number):
    import io

    raw = io.FileIO(number, "w", closefd=False)
    return io.TextIOWrapper(io.BufferedWriter(raw), encoding="utf-8", errors="backslashreplace", line_buffering=True)
