"""Values as text, laid out as IPython does: on one line where it fits, else one element to a line."""

import types

WIDTH = 79
LONGEST = 1000

_OPEN = {list: ("[", "]"), set: ("{", "}"), frozenset: ("frozenset({", "})"), tuple: ("(", ")"), dict: ("{", "}")}


def pretty(value):
    """`text/plain` of a value."""
    flat = _flat(value, set())
    if len(flat) <= WIDTH and "\n" not in flat:
        return flat
    return _laid_out(value, 0, 0, set())


def _kind(value):
    """The container type that a value is laid out as; None for anything that speaks for itself."""
    for kind in _OPEN:
        if isinstance(value, kind):
            return kind if type(value).__repr__ is kind.__repr__ else None
    return None


def _items(value):
    members = list(value.items()) if isinstance(value, dict) else list(value)
    if isinstance(value, (set, frozenset)):
        try:
            members.sort()
        except Exception:
            pass
    return members[:LONGEST], len(members) > LONGEST


def _brackets(value, kind):
    if not value:
        return repr(value), ""
    return _OPEN[kind]


def _plain(value):
    if isinstance(value, type):
        module = value.__module__
        return value.__qualname__ if module in ("builtins", "exceptions") else f"{module}.{value.__qualname__}"
    if isinstance(value, (types.FunctionType, types.BuiltinFunctionType)):
        return _signature(value)
    return repr(value)


def _signature(function):
    import inspect

    try:
        signature = str(inspect.signature(function))
    except Exception:
        signature = ""
    module = function.__module__
    where = "" if not module or module == "builtins" else f"{module}."
    return f"<function {where}{function.__qualname__}{signature}>"


def _flat(value, above):
    kind = _kind(value)
    if kind is None:
        return _plain(value)
    if id(value) in above:
        return "{...}" if kind is dict else f"{_OPEN[kind][0]}...{_OPEN[kind][1]}"
    above = above | {id(value)}
    start, end = _brackets(value, kind)
    members, cut = _items(value)
    if kind is dict:
        parts = [f"{_flat(key, above)}: {_flat(item, above)}" for key, item in members]
    else:
        parts = [_flat(item, above) for item in members]
    if cut:
        parts.append("...")
    comma = "," if kind is tuple and len(members) == 1 else ""
    return f"{start}{', '.join(parts)}{comma}{end}"


def _laid_out(value, indent, column, above):
    """`indent` is where the lines of the group around begin, `column` where this value begins."""
    kind = _kind(value)
    flat = _flat(value, above)
    if kind is None or id(value) in above or not value:
        return flat
    if column + len(flat) <= WIDTH and "\n" not in flat:
        return flat
    above = above | {id(value)}
    start, end = _OPEN[kind]
    inner = indent + len(start)
    members, cut = _items(value)
    lines = []
    for member in members:
        if kind is dict:
            key = _flat(member[0], above)
            lines.append(f"{key}: {_laid_out(member[1], inner, inner + len(key) + 2, above)}")
        else:
            lines.append(_laid_out(member, inner, inner, above))
    if cut:
        lines.append("...")
    comma = "," if kind is tuple and len(members) == 1 else ""
    return start + (",\n" + " " * inner).join(lines) + comma + end
