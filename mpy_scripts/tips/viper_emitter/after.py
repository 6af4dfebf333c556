"""Blend two rows of n pixels into a third, in viper: the types are declared, so nothing is decided at run time."""

from benchlib import adler32, random_bytes

first = bytearray(0)
second = bytearray(0)
out = bytearray(0)
length = 0


@micropython.viper
def blend(out: ptr8, first: ptr8, second: ptr8, length: int):
    for i in range(length):
        out[i] = (first[i] * 3 + second[i]) >> 2


def setup(n: int, seed: int) -> None:
    global first, second, out, length
    first = random_bytes(n, seed)
    second = random_bytes(n, seed + 1)
    out = bytearray(n)
    length = n


def run() -> int:
    blend(out, first, second, length)
    return 0


def checksum(result: int) -> int:
    return adler32(out)
