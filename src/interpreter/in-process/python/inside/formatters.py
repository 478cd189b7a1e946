"""What a value looks like, by MIME type, as IPython's formatters find it out."""

import base64

from session_kernel.pretty import pretty

_METHODS = {
    "text/html": "_repr_html_",
    "text/markdown": "_repr_markdown_",
    "image/svg+xml": "_repr_svg_",
    "image/png": "_repr_png_",
    "image/jpeg": "_repr_jpeg_",
    "application/pdf": "_repr_pdf_",
    "text/latex": "_repr_latex_",
    "application/json": "_repr_json_",
    "application/javascript": "_repr_javascript_",
}


def bundle_of(value):
    """Data and metadata of a value. A method that fails is passed over, except for the plain text."""
    data, metadata = {}, {}
    if not isinstance(value, type):
        shown = getattr(value, "_ipython_display_", None)
        if callable(shown):
            shown()
            return None
        _add(data, metadata, _called(value, "_repr_mimebundle_", include=None, exclude=None))
        for kind, method in _METHODS.items():
            if kind not in data:
                found = _called(value, method)
                if found is not None:
                    content, about = found if isinstance(found, tuple) and len(found) == 2 else (found, None)
                    data[kind] = _text(content)
                    if about:
                        metadata[kind] = about
        _add_figure(data, value)
    data.setdefault("text/plain", pretty(value))
    return data, metadata


def _add(data, metadata, found):
    if isinstance(found, tuple) and len(found) == 2:
        metadata.update(found[1] or {})
        found = found[0]
    for kind, content in (found or {}).items():
        if content is not None:
            data[kind] = _text(content)


def _called(value, name, **options):
    method = getattr(value, name, None)
    if not callable(method):
        return None
    try:
        return method(**options)
    except (KeyboardInterrupt, MemoryError):
        raise
    except Exception:
        return None


def _text(content):
    return base64.b64encode(content).decode() if isinstance(content, (bytes, bytearray)) else content


def _add_figure(data, value):
    kind = type(value)
    if "image/png" not in data and (kind.__module__, kind.__name__) == ("matplotlib.figure", "Figure"):
        data["image/png"] = png_of(value)


def png_of(figure):
    """A matplotlib figure as the notebook's backend draws it."""
    import io

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", bbox_inches="tight")
    return base64.b64encode(drawn.getvalue()).decode()
