"""Matplotlib's backend in a session: figures are drawn into memory and shown when asked, or after the run."""

import sys

BACKEND = "module://session_kernel.backend"


def flush():
    """Shows and closes every open figure."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    from session_kernel import formatters, host

    try:
        for number in pyplot.get_fignums():
            figure = pyplot.figure(number)
            # A figure without anything on it is not worth a picture.
            if figure.get_axes() or figure.lines or figure.texts or figure.images or figure.patches:
                data = {"image/png": formatters.png_of(figure), "text/plain": repr(figure)}
                host.tell("display_data", {"data": data, "metadata": {}, "transient": {}})
    finally:
        pyplot.close("all")


def forget():
    """Half a figure of a failed run must not turn up in the next one."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
