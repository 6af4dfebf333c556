"""The longest Collatz chain that begins below n: loops of unknown length, branches, arithmetic on a few locals."""

limit = 0


def collatz(limit: int) -> int:
    """Return 1024 * start + length of the longest chain that begins below limit; of equally long ones, of the first."""
    best = 1
    longest = 1
    for start in range(2, limit):
        value = start
        length = 1
        while value != 1:
            if value & 1:
                value = 3 * value + 1
            else:
                value = value >> 1
            length += 1
        if length > longest:
            best = start
            longest = length
    return 1024 * best + longest


def setup(n: int, seed: int) -> None:
    global limit
    limit = n


def run() -> int:
    return collatz(limit)


def checksum(result: int) -> int:
    return result
