"""CRC-32 of n bytes with words of 32 bits: nearly every one of them is a big integer on the heap."""

from array import array

from benchlib import random_bytes

table = array("I")
data = bytearray(0)


def crc32(table: array, data: bytearray) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def crc_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ 0xEDB88320 if byte & 1 else byte >> 1
    return byte


def setup(n: int, seed: int) -> None:
    global table, data
    table = array("I", [crc_of_byte(byte) for byte in range(256)])
    data = random_bytes(n, seed)


def run() -> int:
    return crc32(table, data)


def checksum(result: int) -> int:
    return result
