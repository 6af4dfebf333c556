"""How much free heap compiling a text, or loading a .mpy file, needs: the least with which it does not fail.

The harness sends this, then the text or file in pieces, then calls `_measure(make)`. Names are known by the first time;
those that follow tell what the rest needs: with ever other amounts of free heap, until the least is found.
"""

import gc

_pieces = []  # of the text
_DATA_BYTES = 224  # with the objects that hold them, 256 bytes of heap
_held = [None, None]  # all memory: a chain of blocks of 256 bytes, and a chain of what is left then


def _fill() -> int:
    """Take all of the heap; give the number of blocks. Where nothing is left, nothing may need memory."""
    count = 0
    try:
        while True:
            _held[0] = (_held[0], bytearray(_DATA_BYTES))
            count += 1
    except MemoryError:
        pass
    try:
        while True:
            _held[1] = (_held[1], None)
    except MemoryError:
        pass
    return count


def _let_go() -> None:
    """Give all of it back."""
    _held[0] = _held[1] = None
    gc.collect()


def _free_that_suffices(make, text, blocks: int) -> int:
    """Fill the heap, let go of so many blocks, and make it: the bytes that were free then, 0 where it failed."""
    for _ in range(min(blocks, _fill())):
        _held[0] = _held[0][0]
    gc.collect()
    free = gc.mem_free()
    try:
        make(text)
    except MemoryError:
        free = 0
    _let_go()
    return free


def _measure(make) -> None:
    """Print the least number of free heap bytes with which `make(text)` succeeds, to 256 bytes."""
    text = b"".join(_pieces)
    _pieces.clear()
    make(text)
    gc.collect()
    low = least = 0
    high = _fill()
    _let_go()
    while high - low > 1:
        middle = (low + high) // 2
        free = _free_that_suffices(make, text, middle)
        if free:
            high = middle
            least = free
        else:
            low = middle
    print("needed_bytes", least or _free_that_suffices(make, text, high))
