"""Infinite impulse response filter, one biquad (direct form II) over n samples in single precision.

The coefficients make a low-pass filter (Butterworth, a tenth of the sampling rate), rounded to 1/1024 so that both
languages hold exactly the same.
"""

from array import array

from benchlib import Lcg, adler32

samples = 0
coefficients = array("f")
x = array("f")
y = array("f")


def biquad(x: array, y: array, n: int, coefficients: array) -> None:
    """Filter n samples from x to y, starting from silence."""
    b0 = coefficients[0]
    b1 = coefficients[1]
    b2 = coefficients[2]
    a1 = coefficients[3]
    a2 = coefficients[4]
    w1 = 0.0
    w2 = 0.0
    for i in range(n):
        w0 = x[i] - a1 * w1 - a2 * w2
        y[i] = b0 * w0 + b1 * w1 + b2 * w2
        w2 = w1
        w1 = w0


def setup(n: int, seed: int) -> None:
    global samples, coefficients, x, y
    samples = n
    coefficients = array("f", [0.0] * 5)
    coefficients[0] = 69 / 1024
    coefficients[1] = 138 / 1024
    coefficients[2] = 69 / 1024
    coefficients[3] = -1170 / 1024
    coefficients[4] = 423 / 1024
    x = array("f", [0.0] * n)
    y = array("f", [0.0] * n)
    generator = Lcg(seed)
    for i in range(n):
        x[i] = (generator.next() - 16384) / 16384


def run() -> int:
    biquad(x, y, samples, coefficients)
    return 0


def checksum(result: int) -> int:
    return adler32(y)
