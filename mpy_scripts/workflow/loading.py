"""What loading a .mpy file costs on the board: the harness sends this, then the file in pieces, then calls `_measure()`.

As anatomy/compiling.py, with MicroPython's loader for the compiler. For boards whose firmware loads from bytes.
"""

import gc
import machine
import time

_pieces = []  # of the file


def _measure() -> None:
    """Load the file once, and print the ticks that took and the heap bytes that are held afterwards."""
    data = b"".join(_pieces)
    _pieces.clear()
    ticks_cpu = time.ticks_cpu
    load = machine._mpy
    gc.collect()
    before = gc.mem_alloc()
    start = ticks_cpu()
    code = load(data)
    stop = ticks_cpu()
    gc.collect()
    held = gc.mem_alloc() - before
    print("ticks", (stop - start) & 0x3FFFFFFF)
    print("held_bytes", held)
