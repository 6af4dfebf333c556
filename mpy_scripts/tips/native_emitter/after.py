"""Count the ones in the binary digits of n bytes, as machine code: one line more."""

from benchlib import random_bytes

data = bytearray(0)


@micropython.native
def count_ones(data: bytearray) -> int:
    ones = 0
    for byte in data:
        while byte:
            byte &= byte - 1
            ones += 1
    return ones


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return count_ones(data)


def checksum(result: int) -> int:
    return result
