"""Fibonacci numbers by plain recursion: almost nothing but function calls."""

index = 0


def fib(n: int) -> int:
    """Return the n-th Fibonacci number."""
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def setup(n: int, seed: int) -> None:
    global index
    index = n


def run() -> int:
    return fib(index)


def checksum(result: int) -> int:
    return result
