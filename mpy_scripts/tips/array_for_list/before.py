"""Add up n numbers, each with the one at the even position before it, from a list."""

from benchlib import Lcg

numbers = []
length = 0


def weighted_sum(numbers: list, length: int) -> int:
    total = 0
    for i in range(length):
        total += numbers[i] + numbers[i & -2]
    return total


def setup(n: int, seed: int) -> None:
    global numbers, length
    generator = Lcg(seed)
    numbers = [generator.next() for _ in range(n)]
    length = n


def run() -> int:
    return weighted_sum(numbers, length)


def checksum(result: int) -> int:
    return result
