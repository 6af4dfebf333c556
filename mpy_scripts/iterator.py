"""A loop over n numbers that a generator yields one by one."""

from benchlib import Lcg

start = 0
length = 0


def numbers(value: int, length: int):
    """Yield `length` numbers, each made from the one before."""
    i = 0
    while i < length:
        value = (5 * value + i) & 0xFFFF
        i += 1
        yield value


def add_up(start: int, length: int) -> int:
    """Return a sum of all the numbers, modulo 2^24."""
    total = 0
    for value in numbers(start, length):
        total = (3 * total + value) & 0xFFFFFF
    return total


def setup(n: int, seed: int) -> None:
    global start, length
    start = Lcg(seed).next()
    length = n


def run() -> int:
    return add_up(start, length)


def checksum(result: int) -> int:
    return result
