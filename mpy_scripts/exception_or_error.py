"""n calls of a function that fails in every eighth, which the caller notices and counts."""

from benchlib import random_bytes

data = bytearray(0)
length = 0


def checked(byte: int) -> int:
    """Return the byte's double; ValueError where it is above 127."""
    if byte > 127:
        raise ValueError("not ASCII")
    return 2 * byte


def count(data: bytearray, length: int) -> int:
    """Return a sum of the doubles, modulo 2^16, and above it the number of failures."""
    failures = 0
    total = 0
    for i in range(length):
        try:
            total = (3 * total + checked(data[i])) & 0xFFFF
        except ValueError:
            failures += 1
    return (failures << 16) | total


def setup(n: int, seed: int) -> None:
    global data, length
    data = random_bytes(n, seed)
    for i in range(n):
        data[i] = data[i] & 0x7F
        if i & 7 == 7:
            data[i] = data[i] | 0x80
    length = n


def run() -> int:
    return count(data, length)


def checksum(result: int) -> int:
    return result
