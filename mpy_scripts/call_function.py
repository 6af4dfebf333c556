"""n calls of a function with two arguments, each with the result of the one before."""

from benchlib import Lcg

start = 0
length = 0


def mix(a: int, b: int) -> int:
    """Return 16 bits that depend on both arguments."""
    return (5 * a + b) & 0xFFFF


def call(start: int, length: int) -> int:
    """Call mix `length` times and return what the last call gave."""
    value = start
    for i in range(length):
        value = mix(value, i)
    return value


def setup(n: int, seed: int) -> None:
    global start, length
    start = Lcg(seed).next()
    length = n


def run() -> int:
    return call(start, length)


def checksum(result: int) -> int:
    return result
