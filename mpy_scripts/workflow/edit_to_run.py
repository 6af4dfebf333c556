"""What it takes a board to get at a changed program: the harness sends this, then each file of the program in pieces.

`_take()` compiles, or loads, and executes one file, and prints what both cost; the clock of the second is read at the
end, or when the program has printed its first line.
"""

import gc
import time

_clock = time.ticks_cpu
_say = print
_pieces = []
_first_line = None


def print(*values):
    """Print, and note when the first line was out: what a program calls, since it shares these globals."""
    global _first_line
    _say(*values)
    if _first_line is None:
        _first_line = _clock()


def _load(mpy):
    import machine

    return machine._mpy(mpy)


def _compile(text):
    code = compile(text, "<stdin>", "exec")
    return lambda: exec(code, globals())


def _take(translate):
    """Make a function of the bytes that were sent, with _compile or _load, and call it."""
    global _first_line
    data = b"".join(_pieces)
    _pieces.clear()
    _first_line = None
    gc.collect()
    start = _clock()
    run = translate(data)
    middle = _clock()
    run()
    stop = _clock()
    if _first_line is not None:
        stop = _first_line
    _say("took", (middle - start) & 0x3FFFFFFF, (stop - middle) & 0x3FFFFFFF)
