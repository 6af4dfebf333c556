"""CRC-32 by binascii, as one calls it in Python; the C++ program is that of crc32."""

import binascii

from benchlib import random_bytes

data = bytearray(0)


def crc32(data: bytearray) -> int:
    """Return the CRC of the data."""
    return binascii.crc32(data)


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    return crc32(data)


def checksum(result: int) -> int:
    return result
