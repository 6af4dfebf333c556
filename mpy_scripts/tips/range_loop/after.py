"""Find the largest step between neighbours of n readings, counting with for and range."""

from benchlib import random_bytes

data = bytearray(0)
length = 0


def largest_step(data: bytearray, length: int) -> int:
    largest = 0
    for i in range(1, length):
        step = data[i] - data[i - 1]
        if step > largest:
            largest = step
    return largest


def setup(n: int, seed: int) -> None:
    global data, length
    data = random_bytes(n, seed)
    length = n


def run() -> int:
    return largest_step(data, length)


def checksum(result: int) -> int:
    return result
