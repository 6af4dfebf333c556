"""What importing a .mpy file from the board's file system costs: the harness sends this, then calls `_measure(module)`.

Unlike loading.py, reading the file and executing the module, which defines its functions, are part of it.
"""

import gc
import time


def _measure(module: str) -> None:
    """Import the module once, and print the ticks that took and the heap bytes that are held afterwards."""
    ticks_cpu = time.ticks_cpu
    load = __import__
    gc.collect()
    before = gc.mem_alloc()
    start = ticks_cpu()
    code = load(module)
    stop = ticks_cpu()
    gc.collect()
    held = gc.mem_alloc() - before
    print("ticks", (stop - start) & 0x3FFFFFFF)
    print("held_bytes", held)
