"""Naive search for all places of a pattern of eight letters in n letters of an alphabet of two; n is at least 8."""

from benchlib import random_bytes

text = bytearray(0)
length = 0
pattern = bytearray(0)
pattern_length = 0


def search(text: bytearray, length: int, pattern: bytearray, pattern_length: int) -> int:
    """Return a sum over the places where the pattern begins, modulo 2^24, that depends on their order."""
    total = 1
    for i in range(length - pattern_length + 1):
        j = 0
        while j < pattern_length and text[i + j] == pattern[j]:
            j += 1
        if j == pattern_length:
            total = (5 * total + i) & 0xFFFFFF
    return total


def setup(n: int, seed: int) -> None:
    global text, length, pattern, pattern_length
    text = random_bytes(n, seed)
    for i in range(n):
        text[i] = 97 + (text[i] & 1)
    length = n
    pattern_length = 8
    pattern = bytearray(pattern_length)
    for j in range(pattern_length):
        pattern[j] = text[n - pattern_length + j]


def run() -> int:
    return search(text, length, pattern, pattern_length)


def checksum(result: int) -> int:
    return result
