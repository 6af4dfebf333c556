"""Append n small integers to a list that begins empty, then add them up: memory that grows while it is filled."""

length = 0
first = 0


def build(length: int, first: int) -> list:
    """Return a list of an arithmetic sequence, of which every element holds the low twelve bits."""
    values = []
    for i in range(length):
        values.append((i * 7 + first) & 0xFFF)
    return values


def add_up(values: list, length: int) -> int:
    """Return the sum of the elements."""
    total = 0
    for i in range(length):
        total += values[i]
    return total


def setup(n: int, seed: int) -> None:
    global length, first
    length = n
    first = seed & 0xFFF


def run() -> int:
    return add_up(build(length, first), length)


def checksum(result: int) -> int:
    return result
