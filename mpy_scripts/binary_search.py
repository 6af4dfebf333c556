"""Binary search for 256 keys in a sorted array of n integers; every second key is not there."""

from array import array

from benchlib import Lcg, adler32

KEYS = 256

values = array("i")
keys = array("i")
positions = array("i")
count = 0


def find(positions: array, keys: array, values: array, count: int) -> int:
    """Enter the position of every key among the first `count` values, or -1; return how many keys are there."""
    found = 0
    for i in range(KEYS):
        key = keys[i]
        low = 0
        high = count
        while low < high:
            middle = (low + high) >> 1
            if values[middle] < key:
                low = middle + 1
            else:
                high = middle
        if low < count and values[low] == key:
            positions[i] = low
            found += 1
        else:
            positions[i] = -1
    return found


def setup(n: int, seed: int) -> None:
    global values, keys, positions, count
    values = array("i", [0] * n)
    keys = array("i", [0] * KEYS)
    positions = array("i", [0] * KEYS)
    count = n
    generator = Lcg(seed)
    value = 0
    for i in range(n):
        value += 2 + 2 * (generator.next() & 7)
        values[i] = value
    for i in range(KEYS):
        keys[i] = values[generator.next() % n] + (i & 1)  # all values are even


def run() -> int:
    return find(positions, keys, values, count)


def checksum(result: int) -> int:
    return adler32(positions) ^ result
