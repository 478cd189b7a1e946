"""IPython's lines that are not Python: magics and shell commands."""

import ast
import re

_SPECIAL = re.compile(r"^(\s*)(%%|%|!)\s*(.*)$")
_ASSIGNED = re.compile(r"^(\s*[\w.,\s\[\]'\"]+?=\s*)(%|!)(\w.*)$")


def transform(source):
    """Python for a cell. What is Python already stays as it is."""
    if not source.endswith("\n"):
        source += "\n"
    if "%" not in source and "!" not in source:
        return source
    try:
        ast.parse(source, type_comments=False)
        return source
    except (SyntaxError, ValueError):
        pass
    if source.lstrip().startswith("%%"):
        name, _, body = source.lstrip()[2:].partition("\n")
        name, _, line = name.partition(" ")
        return f"get_ipython().run_cell_magic({name!r}, {line!r}, {body!r})\n"
    return "".join(_line(line) for line in source.splitlines(keepends=True))


def _line(line):
    text = line.rstrip("\n")
    special = _SPECIAL.match(text)
    if special:
        indent, kind, rest = special.groups()
        return f"{indent}{_call(kind, rest)}\n"
    assigned = _ASSIGNED.match(text)
    if assigned:
        target, kind, rest = assigned.groups()
        return f"{target}{_call(kind, rest)}\n"
    return line


def _call(kind, rest):
    if kind == "!":
        return f"get_ipython().system({rest!r})"
    name, _, arguments = rest.partition(" ")
    return f"get_ipython().run_line_magic({name!r}, {arguments!r})"


def is_quiet(code):
    """Whether the last statement ends with a semicolon, comments aside."""
    if ";" not in code:
        return False
    import io
    import tokenize

    last = None
    skipped = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT)
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type not in skipped:
                last = token
    except (tokenize.TokenError, SyntaxError):
        return False
    return last is not None and last.string == ";"
