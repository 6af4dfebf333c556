"""n records of five bytes, an int16_t, a uint8_t and a uint16_t, packed into a buffer and unpacked again."""

import struct
from array import array

from benchlib import Lcg, adler32

levels = array("h")
flags = bytearray(0)
times = array("H")
buffer = bytearray(0)
length = 0


def pack(buffer: bytearray, levels: array, flags: bytearray, times: array, length: int) -> None:
    """Write `length` records, one behind the other, in little-endian order and without gaps."""
    for i in range(length):
        struct.pack_into("<hBH", buffer, 5 * i, levels[i], flags[i], times[i])


def unpack(buffer: bytearray, length: int) -> int:
    """Return a sum over the fields of `length` records, modulo 2^24."""
    total = 0
    for i in range(length):
        level, flag, time = struct.unpack_from("<hBH", buffer, 5 * i)
        total = (3 * total + level + flag + time) & 0xFFFFFF
    return total


def setup(n: int, seed: int) -> None:
    global levels, flags, times, buffer, length
    generator = Lcg(seed)
    levels = array("h", [0] * n)
    flags = bytearray(n)
    times = array("H", [0] * n)
    for i in range(n):
        levels[i] = generator.next() - 16384
        flags[i] = generator.next() & 0xFF
        times[i] = 2 * generator.next()
    buffer = bytearray(5 * n)
    length = n


def run() -> int:
    pack(buffer, levels, flags, times, length)
    return unpack(buffer, length)


def checksum(result: int) -> int:
    return adler32(buffer) ^ result
