"""n calls through a variable that holds a closure: a function together with a value of its own."""

from benchlib import Lcg


def make_mixer(factor: int):
    """Return a function that remembers the factor."""

    def mix(a: int, b: int) -> int:
        return (factor * a + b) & 0xFFFF

    return mix


mixer = make_mixer(0)
start = 0
length = 0


def call(mixer, start: int, length: int) -> int:
    """Call what the variable holds `length` times and return what the last call gave."""
    value = start
    for i in range(length):
        value = mixer(value, i)
    return value


def setup(n: int, seed: int) -> None:
    global mixer, start, length
    generator = Lcg(seed)
    start = generator.next()
    mixer = make_mixer((generator.next() & 0xFF) | 1)
    length = n


def run() -> int:
    return call(mixer, start, length)


def checksum(result: int) -> int:
    return result
