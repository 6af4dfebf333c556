"""Write n readings as lines of text; garbage is collected after each line, "to keep the heap tidy"."""

import gc

from benchlib import random_bytes

data = bytearray(0)


def total_length(data: bytearray) -> int:
    total = 0
    for reading in data:
        line = "reading: " + str(reading)
        total += len(line)
        gc.collect()
    return total


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return total_length(data)


def checksum(result: int) -> int:
    return result
