"""CRC-32 of n bytes with two halves of 16 bits: each is a small integer, and nothing is allocated."""

from array import array

from benchlib import random_bytes

upper = array("H")
lower = array("H")
data = bytearray(0)


def crc32(upper: array, lower: array, data: bytearray) -> int:
    high = 0xFFFF
    low = 0xFFFF
    for byte in data:
        entry = (low ^ byte) & 0xFF
        low = lower[entry] ^ (low >> 8) ^ ((high & 0xFF) << 8)
        high = upper[entry] ^ (high >> 8)
    return (high << 16 | low) ^ 0xFFFFFFFF


def crc_of_byte(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ 0xEDB88320 if byte & 1 else byte >> 1
    return byte


def setup(n: int, seed: int) -> None:
    global upper, lower, data
    table = [crc_of_byte(byte) for byte in range(256)]
    upper = array("H", [entry >> 16 for entry in table])
    lower = array("H", [entry & 0xFFFF for entry in table])
    data = random_bytes(n, seed)


def run() -> int:
    return crc32(upper, lower, data)


def checksum(result: int) -> int:
    return result
