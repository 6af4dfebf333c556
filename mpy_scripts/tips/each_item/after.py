"""Find the largest step between neighbours of n readings, going over the readings themselves."""

from benchlib import random_bytes

data = bytearray(0)


def largest_step(data: bytearray) -> int:
    largest = 0
    before = data[0]
    for reading in data:
        step = reading - before
        if step > largest:
            largest = step
        before = reading
    return largest


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return largest_step(data)


def checksum(result: int) -> int:
    return result
