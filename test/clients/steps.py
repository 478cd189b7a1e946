"""Prints one line per step, `ok NAME` or `not ok NAME: REASON`, for the program that runs the clients."""

import traceback


class Steps:
    """Counts what failed. A step that fails does not keep the next one from running."""

    def __init__(self, client: str) -> None:
        self.client = client
        self.failed = 0

    def step(self, name: str):
        """Runs the decorated function at once, as one step."""

        def run(body):
            try:
                body()
                print(f"ok {self.client}: {name}", flush=True)
            except Exception as error:
                self.failed += 1
                where = traceback.extract_tb(error.__traceback__)[1]
                reason = " ".join(f"{type(error).__name__}: {error}".split())
                print(f"not ok {self.client}: {name}: line {where.lineno}: {reason}", flush=True)
            return body

        return run


def equal(actual, expected) -> None:
    """Fails with both values when they differ."""
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def contains(text: str, part: str) -> None:
    """Fails with the text when the part is not in it."""
    if part not in text:
        raise AssertionError(f"{part!r} is not in {text!r}")
