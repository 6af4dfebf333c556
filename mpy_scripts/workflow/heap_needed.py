"""How little free heap a workload can do with: the harness sends this behind the workload's script.

MicroPython has no high-water mark of its heap, so the heap is made small: it is filled with pieces, some of them are
given back, and the workload runs in what is then free, its garbage collected as always. The harness searches for the
least room in which it gets to its end.
"""

import gc

_PIECE_BYTES = 512  # of heap: an object of 16 bytes and its 496 bytes of content
_names = None  # what stood in the globals before the workload ran


def _forget() -> None:
    """Put the globals back to what they were before the workload first ran: what it holds is garbage then."""
    global _names
    if _names is None:
        _names = dict(globals())
    for name in list(globals()):
        if name not in _names:
            del globals()[name]
        elif name != "_names":
            globals()[name] = _names[name]
    gc.collect()


def _try_with(room: int, n: int, seed: int) -> None:
    """Print how many bytes were free, with `room` pieces given back, and 1 if the workload then ran to its end."""
    _forget()
    pieces = [None] * (gc.mem_free() // _PIECE_BYTES + 1)
    held = 0
    try:
        while True:
            pieces[held] = bytearray(_PIECE_BYTES - 16)
            held += 1
    except MemoryError:
        pass
    crumbs = None
    try:
        while True:
            crumbs = (crumbs,)  # one block of the heap each: what is too small for a piece
    except MemoryError:
        pass
    kept = max(held - room, 0)
    index = held
    while index > kept:  # the heap is full: even a range() would find no room
        index -= 1
        pieces[index] = None
    gc.collect()
    free = gc.mem_free()
    done = 1
    try:
        setup(n, seed)
        run()
    except MemoryError:
        done = 0
    pieces = None
    crumbs = None
    gc.collect()
    print("tried", free, done, held)
