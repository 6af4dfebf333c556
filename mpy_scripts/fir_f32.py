"""Finite impulse response filter, 256 taps over n samples, in single precision: products, summed one after another.

The latest 256 samples stand in a circular buffer, as in a filter that runs for ever.
"""

from array import array

from benchlib import Lcg, adler32

TAPS = 256

samples = 0
taps = array("f")
delay = array("f")
x = array("f")
y = array("f")


def fir(x: array, y: array, n: int, taps: array, delay: array) -> None:
    """Filter n samples from x to y, starting from silence."""
    for i in range(TAPS):
        delay[i] = 0.0
    position = 0
    for i in range(n):
        delay[position] = x[i]
        position += 1
        if position == TAPS:
            position = 0
        total = 0.0
        tap = TAPS - 1
        for j in range(position, TAPS):
            total += taps[tap] * delay[j]
            tap -= 1
        for j in range(position):
            total += taps[tap] * delay[j]
            tap -= 1
        y[i] = total


def setup(n: int, seed: int) -> None:
    global samples, taps, delay, x, y
    samples = n
    taps = array("f", [0.0] * TAPS)
    delay = array("f", [0.0] * TAPS)
    x = array("f", [0.0] * n)
    y = array("f", [0.0] * n)
    generator = Lcg(seed)
    for i in range(TAPS):
        taps[i] = (generator.next() - 16384) / 1048576
    for i in range(n):
        x[i] = (generator.next() - 16384) / 16384


def run() -> int:
    fir(x, y, samples, taps, delay)
    return 0


def checksum(result: int) -> int:
    return adler32(y)
