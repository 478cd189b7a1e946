"""`IPython.display` as far as programs written for notebooks use it."""

import base64
import json

from session_kernel.kernel import display


class DisplayObject:
    """Something that is shown as what it holds."""

    _kind = "text/plain"

    def __init__(self, data=None, url=None, filename=None, metadata=None, **options):
        if filename is not None:
            with open(filename, "rb") as file:
                data = file.read()
        self.data = data
        self.url = url
        self.filename = filename
        self.metadata = metadata or {}

    def _content(self):
        return self.data.decode() if isinstance(self.data, bytes) else self.data

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {self._kind: self._content()}, {self._kind: self.metadata} if self.metadata else {}

    def __repr__(self):
        return f"<IPython.core.display.{type(self).__name__} object>"


class HTML(DisplayObject):
    _kind = "text/html"


class Markdown(DisplayObject):
    _kind = "text/markdown"


class Latex(DisplayObject):
    _kind = "text/latex"


class Math(Latex):
    def _content(self):
        return f"$\\displaystyle {self.data}$"


class SVG(DisplayObject):
    _kind = "image/svg+xml"


class Javascript(DisplayObject):
    _kind = "application/javascript"


class Pretty(DisplayObject):
    def __repr__(self):
        return str(self.data)


class JSON(DisplayObject):
    _kind = "application/json"

    def _content(self):
        return json.loads(self.data) if isinstance(self.data, (str, bytes)) else self.data


class Image(DisplayObject):
    def __init__(self, data=None, url=None, filename=None, format=None, **options):
        if isinstance(data, str) and filename is None and "\n" not in data:
            data, filename = None, data
        super().__init__(data=data, url=url, filename=filename)
        is_jpeg = (self.data or b"")[:2] == b"\xff\xd8" or format in ("jpeg", "jpg")
        self._kind = "image/jpeg" if is_jpeg else "image/png"

    def _content(self):
        return base64.b64encode(self.data).decode() if isinstance(self.data, bytes) else self.data


class DisplayHandle:
    def __init__(self, display_id=None):
        self.display_id = display_id

    def display(self, value, **options):
        display(value, **options)

    update = display


def clear_output(wait=False):
    """What has been written stays written: the answer comes at once, when the run has ended."""


def update_display(value, *, display_id=None, **options):
    display(value, **options)


def _shown(kind):
    def show(*values, raw=False, metadata=None, **options):
        display(*(kind(value) if raw else value for value in values), metadata=metadata)

    return show


display_html, display_markdown, display_png = _shown(HTML), _shown(Markdown), _shown(Image)
display_svg, display_json, display_latex = _shown(SVG), _shown(JSON), _shown(Latex)
display_pretty, display_javascript = _shown(Pretty), _shown(Javascript)
