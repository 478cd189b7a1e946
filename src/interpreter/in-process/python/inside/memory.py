"""A reserve that is given back when memory runs out: telling of it needs some, too."""

_BYTES = 4 * 1024 * 1024
_reserve = None


def put_by():
    """Makes sure of the reserve, as far as there is memory for it."""
    global _reserve
    if _reserve is None:
        try:
            _reserve = bytearray(_BYTES)
        except MemoryError:
            pass


def give_back():
    global _reserve
    _reserve = None
