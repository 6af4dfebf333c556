"""The squares of the odd ones of n numbers, and their sum: a list comprehension, as one writes it in Python."""

from benchlib import Lcg

values = []


def odd_squares(values: list) -> int:
    """Return the sum of the squares of the odd values."""
    squares = [value * value for value in values if value & 1]
    return sum(squares)


def setup(n: int, seed: int) -> None:
    global values
    generator = Lcg(seed)
    values = [generator.next() & 0x3FF for _ in range(n)]


def run() -> int:
    return odd_squares(values)


def checksum(result: int) -> int:
    return result
