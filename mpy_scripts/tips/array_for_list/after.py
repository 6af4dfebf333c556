"""Add up n numbers, each with the one at the even position before it, from an array of 32-bit integers."""

from array import array

from benchlib import Lcg

numbers = array("i")
length = 0


def weighted_sum(numbers: array, length: int) -> int:
    total = 0
    for i in range(length):
        total += numbers[i] + numbers[i & -2]
    return total


def setup(n: int, seed: int) -> None:
    global numbers, length
    generator = Lcg(seed)
    numbers = array("i", [generator.next() for _ in range(n)])
    length = n


def run() -> int:
    return weighted_sum(numbers, length)


def checksum(result: int) -> int:
    return result
