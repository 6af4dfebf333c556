"""The sieve of Eratosthenes: loops, comparisons, and bytes written one by one."""

from benchlib import adler32

flags = bytearray(0)
limit = 0


def sieve(flags: bytearray, limit: int) -> int:
    """Set flags[i] to 1 for every prime i up to limit, to 0 for the rest; return how many primes there are."""
    flags[0] = 0
    flags[1] = 0
    for i in range(2, limit + 1):
        flags[i] = 1

    primes = 0
    for i in range(2, limit + 1):
        if flags[i]:
            primes += 1
            for multiple in range(i + i, limit + 1, i):
                flags[multiple] = 0
    return primes


def setup(n: int, seed: int) -> None:
    global flags, limit
    flags = bytearray(n + 1)
    limit = n


def run() -> int:
    return sieve(flags, limit)


def checksum(result: int) -> int:
    return adler32(flags) ^ result
