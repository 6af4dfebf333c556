"""Add up n readings, each kept within limits where it is used: no helper is called."""

from benchlib import random_bytes

data = bytearray(0)


def total_of(data: bytearray) -> int:
    total = 0
    for reading in data:
        if reading < 20:
            reading = 20
        elif reading > 200:
            reading = 200
        total += reading
    return total


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return total_of(data)


def checksum(result: int) -> int:
    return result
