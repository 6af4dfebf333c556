"""What one garbage collection costs on the board: the harness sends this, then calls `_measure()`.

What is to be alive is built first, at the start of the heap. Then the rest is filled up to a given number of bytes with
small pieces, which are let go again, but for one in so many: these lie where they are, so the heap stays sparsely used
up to there, as it does in a program that has worked for a while.
"""

import gc
import time

import micropython

_SAMPLES = 3
_EVERY = 128  # of so many pieces of the filling one stays


class _Node:
    """An element of a linked list."""

    def __init__(self, value, next):
        self.value = value
        self.next = next


def _ints(count):
    """A list of small ints: one large piece of memory, and no pointer in it."""
    return [0] * count


def _floats(count):
    """A list of floats, each a piece of its own."""
    out = [None] * count
    for i in range(count):
        out[i] = i + 0.5
    return out


def _tuples(count):
    """A list of tuples of three small ints."""
    out = [None] * count
    for i in range(count):
        out[i] = (i, i, i)
    return out


def _nodes(count):
    """A linked list of instances: nothing points at more than two pieces of memory."""
    head = None
    for i in range(count):
        head = _Node(i, head)
    return head


_SHAPES = {"ints": _ints, "floats": _floats, "tuples": _tuples, "nodes": _nodes}


def _fill(until):
    """Take memory until `until` bytes are in use, and let go of it again; return the pieces that stay.

    The filling is taken apart by hand: the collector takes any word that looks like an address for one, and a forgotten
    word in a register could keep a whole chain of pieces.
    """
    stay = None
    filling = [None] * (until // (16 * _EVERY) + 1)
    gc.collect()
    groups = 0
    while gc.mem_alloc() < until:
        group = filling[groups] = [None] * _EVERY
        for i in range(_EVERY):
            group[i] = (i,)
        stay = (stay,)
        groups += 1
    for i in range(groups):
        group = filling[i]
        filling[i] = None
        for k in range(_EVERY):
            group[k] = None
    return stay


def _once() -> int:
    """Return the instructions of one collection."""
    ticks_cpu = time.ticks_cpu
    collect = gc.collect
    start = ticks_cpu()
    collect()
    stop = ticks_cpu()
    return (stop - start) & 0x3FFFFFFF


def _measure(shape, count, until):
    """Print the instructions of each of some collections, then the map of the heap that they walked through."""
    alive = _SHAPES[shape](count)
    stay = _fill(until)
    _once()  # frees the filling
    for i in range(_SAMPLES + 1):  # after the first print() the stack, where roots are looked for, stays as it is
        print("ticks" if i else "settling", _once())
    print("live_bytes", gc.mem_alloc())
    micropython.mem_info(1)
    return alive, stay
