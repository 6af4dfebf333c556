"""Smooth n readings with an object that reads its attributes once and writes them back once."""

from benchlib import random_bytes

data = bytearray(0)
smoother = None


class Smoother:
    def __init__(self):
        self.weight = 3
        self.value = 0

    def smooth(self, data: bytearray) -> int:
        value = 0
        weight = self.weight
        for reading in data:
            value = (value * weight + (reading << 8)) // (weight + 1)
        self.value = value
        return value


def setup(n: int, seed: int) -> None:
    global data, smoother
    data = random_bytes(n, seed)
    smoother = Smoother()


def run() -> int:
    return smoother.smooth(data)


def checksum(result: int) -> int:
    return result
