"""Fill a byte array, byte by byte, with values that change from byte to byte."""

from benchlib import adler32

out = bytearray(0)
length = 0
first = 0


def fill(out: bytearray, length: int, first: int) -> None:
    """Enter an arithmetic sequence, of which every byte holds the low eight bits."""
    for i in range(length):
        out[i] = (i * 7 + first) & 0xFF


def setup(n: int, seed: int) -> None:
    global out, length, first
    out = bytearray(n)
    length = n
    first = seed & 0xFF


def run() -> int:
    fill(out, length, first)
    return 0


def checksum(result: int) -> int:
    return adler32(out)
