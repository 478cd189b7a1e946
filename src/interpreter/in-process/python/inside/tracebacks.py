"""Errors as IPython writes them, without colours."""

import inspect
import linecache
import os
import textwrap
import traceback

RULE = "-" * 75
CONTEXT = 2
NUMBER_WIDTH = 7


def report(error, skip, hint=None):
    """The parts of the `error` message. Frames of `skip`, the files of this kernel, are left out."""
    if isinstance(error, SyntaxError) and _in_cell(error, skip):
        parts = ["".join(_syntax(error))]
    elif isinstance(error, SystemExit):
        # IPython's own words; nobody wants the frames of somebody who wanted to leave.
        tail = "".join(traceback.format_exception_only(error)).rstrip("\n")
        parts = ["An exception has occurred, use %tb to see the full traceback.\n", tail]
    else:
        parts = _chain(error, skip, set())
    if hint is not None:
        parts[-1] = f"{parts[-1]}\n{hint}"
    return parts


def value_text(error):
    """`evalue`; a class whose `__str__` fails must not hide what happened."""
    try:
        return str(error)
    except Exception:
        return "<exception str() failed>"


def _in_cell(error, skip):
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename not in skip]
    return not frames


def _chain(error, skip, seen):
    """The error after those that led to it."""
    seen.add(id(error))
    parts = []
    cause, context = error.__cause__, error.__context__
    if cause is not None and id(cause) not in seen:
        parts += _chain(cause, skip, seen)
        parts.append("\nThe above exception was the direct cause of the following exception:\n")
    elif cause is None and context is not None and not error.__suppress_context__ and id(context) not in seen:
        parts += _chain(context, skip, seen)
        parts.append("\nDuring handling of the above exception, another exception occurred:\n")
    return parts + _one(error, skip, is_first=not parts)


def _one(error, skip, is_first):
    name = type(error).__name__
    title = "Traceback (most recent call last)"
    parts = [RULE] if is_first else []
    parts.append(name + " " * max(1, 75 - len(name) - len(title)) + title)
    calls = [call for call in traceback.walk_tb(error.__traceback__) if call[0].f_code.co_filename not in skip]
    parts += _frames(calls)
    parts.append("\n".join([f"{name}: {value_text(error)}", *map(str, getattr(error, "__notes__", ()))]))
    return parts


def _frames(calls):
    """Recursion makes thousands of the same frame: of a row of them the first two and the last are shown."""
    shown = []
    index = 0
    while index < len(calls):
        frame, line = calls[index]
        end = index
        while end < len(calls) and calls[end][0].f_code is frame.f_code and calls[end][1] == line:
            end += 1
        if end - index <= 4:
            shown += [_frame(*call) for call in calls[index:end]]
        else:
            hidden = f"{frame.f_code.co_name} at line {line} ({end - index - 3} times)"
            shown += [_frame(frame, line)] * 2
            shown += [f"    [... skipping similar frames: {hidden}]\n", _frame(frame, line)]
        index = end
    return shown


def _frame(frame, line):
    code = frame.f_code
    where = f", in {code.co_qualname.replace('<locals>.', '')}({_arguments(code)})" if code.co_name != "<module>" else ""
    cell = cell_name(code.co_filename)
    head = f"{cell}, line {line}{where}" if cell else f"File {_tidy(code.co_filename)}:{line}{where}"
    numbers = _around(frame, line)
    lines = textwrap.dedent("".join(_line(frame, number) for number in numbers)).splitlines()
    shown = [f"{_gutter(number, number == line)} {text}" for number, text in zip(numbers, lines)]
    return "\n".join([head, *shown]) + "\n"


def _line(frame, number):
    text = linecache.getline(frame.f_code.co_filename, number, frame.f_globals)
    return text if text.endswith("\n") or not text else f"{text}\n"


def _around(frame, line):
    """Numbers of the lines to show: within the function, blank ones left out."""
    code = frame.f_code
    first, last = 1, line + 1000
    if code.co_name != "<module>":
        first = min(code.co_firstlineno, line)
        last = max(line, *(number for _, _, number in code.co_lines() if number is not None))
    before, after = [], []
    for number in range(line - 1, max(first, line - 20) - 1, -1):
        if len(before) < CONTEXT and _line(frame, number).strip():
            before.insert(0, number)
    for number in range(line + 1, min(last, line + 20) + 1):
        if len(after) < CONTEXT and _line(frame, number).strip():
            after.append(number)
    return [*before, *([line] if _line(frame, line) else []), *after]


def _gutter(number, is_current):
    if not is_current:
        return str(number).rjust(NUMBER_WIDTH)
    return "-" * max(0, NUMBER_WIDTH - len(str(number)) - 2) + "> " + str(number)


def _arguments(code):
    names = list(code.co_varnames)
    count = code.co_argcount + code.co_kwonlyargcount
    shown = names[:count]
    for flag, stars in ((inspect.CO_VARARGS, "*"), (inspect.CO_VARKEYWORDS, "**")):
        if code.co_flags & flag:
            shown.append(stars + names[count])
            count += 1
    return ", ".join(shown)


def _tidy(path):
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + "/") else path


def _syntax(error):
    cell = cell_name(error.filename or "")
    yield f"  {cell}, line {error.lineno}\n" if cell else f"  File {error.filename}:{error.lineno}\n"
    yield from traceback.format_exception_only(error)[1:]


def cell_name(path):
    """`Cell In[3]` for the file name of the third cell."""
    if not path.startswith("<ipython-input-"):
        return None
    return f"Cell In[{path[len('<ipython-input-') :].split('-')[0].rstrip('>')}]"
