"""A hash map with open addressing, written by hand: n keys of 15 bits are entered, then n keys are looked up.

The table has the smallest power of two of places that is at least 2 n. n is at most 16384.
"""

from array import array

from benchlib import Lcg, adler32

length = 0
new_keys = array("H")
wanted = array("H")
keys = array("H")
values = array("H")
mask = 0
shift = 0


def clear(keys: array, mask: int) -> None:
    """Mark all places of the table as empty."""
    for place in range(mask + 1):
        keys[place] = 0x8000  # no key has more than 15 bits


def hash_of(key: int, shift: int) -> int:
    """Return where the search for a key begins: the upper digits of a product modulo 2^15."""
    return ((key * 20251) & 0x7FFF) >> shift


def find(keys: array, mask: int, shift: int, key: int) -> int:
    """Return the place of the key, or the empty place where the search ends."""
    place = hash_of(key, shift)
    while keys[place] != key and keys[place] != 0x8000:
        place = (place + 1) & mask
    return place


def enter(keys: array, values: array, mask: int, shift: int, new_keys: array, length: int) -> None:
    """Enter the keys, each with its number; the last one counts where a key occurs again."""
    for i in range(length):
        key = new_keys[i]
        place = find(keys, mask, shift, key)
        keys[place] = key
        values[place] = i


def look_up(keys: array, values: array, mask: int, shift: int, wanted: array, length: int) -> int:
    """Return the sum of the values of the wanted keys; a key that is not in the table counts 1."""
    total = 0
    for i in range(length):
        key = wanted[i]
        place = find(keys, mask, shift, key)
        if keys[place] == key:
            total += values[place]
        else:
            total += 1
    return total


def setup(n: int, seed: int) -> None:
    global length, new_keys, wanted, keys, values, mask, shift
    length = n
    new_keys = array("H", [0] * n)
    wanted = array("H", [0] * n)
    places = 2
    shift = 14
    while places < 2 * n:
        places = places * 2
        shift = shift - 1
    mask = places - 1
    keys = array("H", [0] * places)
    values = array("H", [0] * places)
    generator = Lcg(seed)
    for i in range(n):
        new_keys[i] = generator.next()
    for i in range(n):  # every second key is in the table, the others hardly
        wanted[i] = generator.next()
        if i & 1:
            wanted[i] = new_keys[n - 1 - i]


def run() -> int:
    clear(keys, mask)
    enter(keys, values, mask, shift, new_keys, length)
    return look_up(keys, values, mask, shift, wanted, length)


def checksum(result: int) -> int:
    return adler32(values, adler32(keys)) ^ result
