"""Sort n readings into three ranges; the compiler puts the limits, declared with const(), into the bytecode."""

from benchlib import random_bytes
from micropython import const

_LOW = const(60)
_HIGH = const(180)
_STEP = const(256)

data = bytearray(0)


def classify(data: bytearray) -> int:
    score = 0
    for reading in data:
        if reading < _LOW:
            score += 1
        elif reading > _HIGH:
            score += _STEP
    return score


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return classify(data)


def checksum(result: int) -> int:
    return result
