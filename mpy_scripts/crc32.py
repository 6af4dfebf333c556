"""CRC-32 (IEEE 802.3), one table look-up a byte: 32-bit words, which MicroPython's small integers cannot hold."""

from array import array

from benchlib import random_bytes

table = array("I")
data = bytearray(0)
length = 0


def crc32(table: array, data: bytearray, length: int) -> int:
    """Return the CRC of the first `length` bytes of data."""
    crc = 0xFFFFFFFF
    for i in range(length):
        crc = table[(crc ^ data[i]) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def fill_table(table: array) -> None:
    """Enter the CRC of every single byte; 0xEDB88320 is the polynomial with its bits reversed."""
    for byte in range(256):
        crc = byte
        for _ in range(8):
            if crc & 1:
                crc = (crc >> 1) ^ 0xEDB88320
            else:
                crc = crc >> 1
        table[byte] = crc


def setup(n: int, seed: int) -> None:
    global table, data, length
    table = array("I", [0] * 256)
    fill_table(table)
    data = random_bytes(n, seed)
    length = n


def run() -> int:
    return crc32(table, data, length)


def checksum(result: int) -> int:
    return result
