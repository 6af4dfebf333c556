"""Count how often a signal of n samples changes; everything the loop uses is a local variable or a parameter."""

from benchlib import random_bytes

data = bytearray(0)
length = 0


def count_changes(data: bytearray, length: int) -> int:
    level = 0
    changes = 0
    for i in range(length):
        if data[i] & 1 != level:
            level = 1 - level
            changes += 1
    return changes


def setup(n: int, seed: int) -> None:
    global data, length
    data = random_bytes(n, seed)
    length = n


def run() -> int:
    return count_changes(data, length)


def checksum(result: int) -> int:
    return result
