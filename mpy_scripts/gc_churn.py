"""n blocks of 16 to 64 bytes taken from the heap; each is given up when eight newer ones have been taken."""

from benchlib import random_bytes

RING = 8

sizes = bytearray(0)
ring = []
length = 0


def churn(ring: list, sizes: bytearray, length: int) -> int:
    """Take `length` blocks, keep the last eight, and return a sum over what all of them held, modulo 2^24."""
    for i in range(8):
        ring[i] = bytearray(16)
    total = 0
    for i in range(length):
        block = bytearray(sizes[i])
        block[0] = i & 0xFF
        block[15] = sizes[i]
        old = ring[i & 7]
        total = (3 * total + old[0] + old[15]) & 0xFFFFFF
        ring[i & 7] = block
    for i in range(8):
        old = ring[i]
        total = (3 * total + old[0] + old[15]) & 0xFFFFFF
        ring[i] = None
    return total


def setup(n: int, seed: int) -> None:
    global sizes, ring, length
    sizes = random_bytes(n, seed)
    for i in range(n):
        sizes[i] = 16 + sizes[i] % 49
    ring = [None] * RING
    length = n


def run() -> int:
    return churn(ring, sizes, length)


def checksum(result: int) -> int:
    return result
