"""The product of two n x n matrices of integers: three nested loops, products, sums, array access."""

from array import array

from benchlib import Lcg, adler32

size = 0
a = array("i")
b = array("i")
c = array("i")


def matmul(c: array, a: array, b: array, n: int) -> None:
    """Enter the product of a and b in c; all three are stored row by row."""
    for row in range(n):
        for column in range(n):
            total = 0
            for k in range(n):
                total += a[row * n + k] * b[k * n + column]
            c[row * n + column] = total


def setup(n: int, seed: int) -> None:
    global size, a, b, c
    size = n
    a = array("i", [0] * (n * n))
    b = array("i", [0] * (n * n))
    c = array("i", [0] * (n * n))
    generator = Lcg(seed)
    for i in range(n * n):
        a[i] = (generator.next() & 1023) - 512
        b[i] = (generator.next() & 1023) - 512


def run() -> int:
    matmul(c, a, b, size)
    return 0


def checksum(result: int) -> int:
    return adler32(c)
