"""n calls of a method with two arguments: call_function with the function in a class."""

from benchlib import Lcg


class Mixer:
    """An object without attributes: those are the subject of attribute_access."""

    def mix(self, a: int, b: int) -> int:
        """Return 16 bits that depend on both arguments."""
        return (5 * a + b) & 0xFFFF


mixer = Mixer()
start = 0
length = 0


def call(mixer: Mixer, start: int, length: int) -> int:
    """Call the method `length` times and return what the last call gave."""
    value = start
    for i in range(length):
        value = mixer.mix(value, i)
    return value


def setup(n: int, seed: int) -> None:
    global start, length
    start = Lcg(seed).next()
    length = n


def run() -> int:
    return call(mixer, start, length)


def checksum(result: int) -> int:
    return result
