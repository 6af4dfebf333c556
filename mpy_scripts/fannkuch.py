"""Pancake flipping (fannkuch-redux): all permutations of n numbers, each turned around until 0 comes first.

n is at least 2. The order of the permutations is that of the Computer Language Benchmarks Game.
"""

size = 0
order = bytearray(0)
work = bytearray(0)
turns = bytearray(0)


def fannkuch(n: int, order: bytearray, work: bytearray, turns: bytearray) -> int:
    """Return 65536 * the largest number of flips + their sum, with + and - in turn."""
    for i in range(n):
        order[i] = i
    largest = 0
    total = 0
    even = 1
    place = n
    while True:
        while place > 1:
            turns[place - 1] = place
            place -= 1

        for i in range(n):
            work[i] = order[i]
        flips = 0
        first = work[0]
        while first != 0:
            low = 0
            high = first
            while low < high:
                value = work[low]
                work[low] = work[high]
                work[high] = value
                low += 1
                high -= 1
            flips += 1
            first = work[0]
        if flips > largest:
            largest = flips
        if even != 0:
            total += flips
        else:
            total -= flips
        even = 1 - even

        turned = 0
        while turned == 0:
            if place == n:
                return 65536 * largest + total
            moved = order[0]
            for i in range(place, -1, -1):
                value = order[i]
                order[i] = moved
                moved = value
            turns[place] -= 1
            if turns[place] > 0:
                turned = 1
            else:
                place += 1


def setup(n: int, seed: int) -> None:
    global size, order, work, turns
    size = n
    order = bytearray(n)
    work = bytearray(n)
    turns = bytearray(n)


def run() -> int:
    return fannkuch(size, order, work, turns)


def checksum(result: int) -> int:
    return result
