"""Counts the set bits of n words of 30 bits, one bit after the other: shifting, masking, adding."""

from array import array

from benchlib import Lcg

words = array("I")
count = 0


def bit_count(words: array, count: int) -> int:
    """Return how many bits are set in the first `count` words."""
    total = 0
    for i in range(count):
        word = words[i]
        while word != 0:
            total += word & 1
            word = word >> 1
    return total


def setup(n: int, seed: int) -> None:
    global words, count
    words = array("I", [0] * n)
    generator = Lcg(seed)
    for i in range(n):
        upper = generator.next()
        words[i] = (upper << 15) | generator.next()
    count = n


def run() -> int:
    return bit_count(words, count)


def checksum(result: int) -> int:
    return result
