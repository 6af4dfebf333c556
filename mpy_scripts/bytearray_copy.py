"""Copy a byte array, byte by byte, in reverse order."""

from benchlib import adler32, random_bytes

data = bytearray(0)
out = bytearray(0)
length = 0


def copy_reversed(data: bytearray, out: bytearray, length: int) -> None:
    """Copy the bytes, the last one first."""
    last = length - 1
    for i in range(length):
        out[i] = data[last - i]


def setup(n: int, seed: int) -> None:
    global data, out, length
    data = random_bytes(n, seed)
    out = bytearray(n)
    length = n


def run() -> int:
    copy_reversed(data, out, length)
    return 0


def checksum(result: int) -> int:
    return adler32(out)
