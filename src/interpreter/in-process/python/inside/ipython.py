"""A small `IPython` in place of the real one, which needs threads and sockets."""

import sys
import types

from session_kernel import ipython_display, kernel, shell

VERSION = "9.0.0"


def install():
    """Puts the modules where imports find them."""
    modules = {
        "IPython": {"version_info": (9, 0, 0), "__version__": VERSION},
        "IPython.display": vars(ipython_display),
        "IPython.core": {},
        "IPython.core.display": vars(ipython_display),
        "IPython.core.display_functions": vars(ipython_display),
        "IPython.core.getipython": {},
        "IPython.core.interactiveshell": {"InteractiveShell": shell.InteractiveShell},
    }
    made = {}
    for name, content in modules.items():
        module = types.ModuleType(name, "A small IPython: the session runs without a container.")
        module.__dict__.update({key: value for key, value in content.items() if key[:2] != "__" or key == "__version__"})
        module.get_ipython = lambda: kernel._shell
        module.__path__ = []
        made[name] = sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(made[parent], child, module)
    made["IPython"].InteractiveShell = shell.InteractiveShell
    made["IPython"].display = made["IPython.display"]
