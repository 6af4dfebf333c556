"""n steps along a ring of eight objects; a step reads three attributes and writes two."""

from array import array

from benchlib import adler32, random_bytes

RING = 8


class Item:
    """An object of the ring."""

    def __init__(self, start: int):
        self.start = start
        self.visits = 0
        self.value = 0
        self.next = self


first = Item(0)
length = 0


def load(item: Item) -> None:
    """Give all objects of the ring their first values."""
    for _ in range(RING):
        item.visits = 0
        item.value = item.start
        item = item.next


def walk(item: Item, length: int) -> None:
    """Visit `length` objects, beginning with this one."""
    for i in range(length):
        item.visits = item.visits + 1
        item.value = (5 * item.value + i) & 0xFFFF
        item = item.next


def setup(n: int, seed: int) -> None:
    global first, length
    starts = random_bytes(RING, seed)
    first = Item(starts[0])
    last = first
    for i in range(1, RING):
        last.next = Item(starts[i])
        last = last.next
    last.next = first
    length = n


def run() -> int:
    load(first)
    walk(first, length)
    return 0


def checksum(result: int) -> int:
    out = array("I", [0] * (2 * RING))
    item = first
    for i in range(RING):
        out[2 * i] = item.visits
        out[2 * i + 1] = item.value
        item = item.next
    return adler32(out)
