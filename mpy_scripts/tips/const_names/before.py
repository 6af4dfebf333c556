"""Sort n readings into three ranges; the limits are global variables, looked up by name each time."""

from benchlib import random_bytes

LOW = 60
HIGH = 180
STEP = 256

data = bytearray(0)


def classify(data: bytearray) -> int:
    score = 0
    for reading in data:
        if reading < LOW:
            score += 1
        elif reading > HIGH:
            score += STEP
    return score


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return classify(data)


def checksum(result: int) -> int:
    return result
