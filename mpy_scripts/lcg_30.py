"""A linear congruential generator of 16 bits: products and sums below 2^30 fit MicroPython's small integers.

lcg_32 is the same program with other constants: that nothing else differs is the point of the two.
"""

from benchlib import Lcg

MULTIPLIER = 12829
INCREMENT = 28411
MASK = 0xFFFF

start = 0
steps = 0
multiplier = 0
increment = 0
mask = 0


def lcg(x: int, steps: int, multiplier: int, increment: int, mask: int) -> int:
    """Return the number that many steps after x."""
    for _ in range(steps):
        x = (x * multiplier + increment) & mask
    return x


def setup(n: int, seed: int) -> None:
    global start, steps, multiplier, increment, mask
    start = Lcg(seed).next()
    steps = n
    multiplier = MULTIPLIER
    increment = INCREMENT
    mask = MASK


def run() -> int:
    return lcg(start, steps, multiplier, increment, mask)


def checksum(result: int) -> int:
    return result
