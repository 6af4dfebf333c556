"""What compiling a text costs on the board: the harness sends this, then the text in pieces, then calls `_measure()`.

Once after each boot: the board remembers every name that it has seen, so compiling the same text again is cheaper.
"""

import gc
import time

_pieces = []  # of the text: one long literal would need the memory several times over


def _measure() -> None:
    """Compile the text once, and print the instructions that took and the heap bytes that are held afterwards."""
    text = b"".join(_pieces)
    _pieces.clear()
    ticks_cpu = time.ticks_cpu
    translate = compile
    gc.collect()
    before = gc.mem_alloc()
    start = ticks_cpu()
    code = translate(text, "<stdin>", "exec")
    stop = ticks_cpu()
    gc.collect()
    held = gc.mem_alloc() - before
    print("ticks", (stop - start) & 0x3FFFFFFF)
    print("held_bytes", held)
