"""Product of two n x n matrices in single precision, row by column: sums of products over two arrays."""

from array import array

from benchlib import Lcg, adler32

size = 0
a = array("f")
b = array("f")
product = array("f")


def multiply(a: array, b: array, product: array, n: int) -> None:
    """Enter the product of the matrices a and b, which are stored row by row."""
    for row in range(n):
        for column in range(n):
            total = 0.0
            for k in range(n):
                total += a[row * n + k] * b[k * n + column]
            product[row * n + column] = total


def setup(n: int, seed: int) -> None:
    global size, a, b, product
    size = n
    a = array("f", [0.0] * (n * n))
    b = array("f", [0.0] * (n * n))
    product = array("f", [0.0] * (n * n))
    generator = Lcg(seed)
    for i in range(n * n):
        a[i] = (generator.next() - 16384) / 16384
        b[i] = (generator.next() - 16384) / 16384


def run() -> int:
    multiply(a, b, product, size)
    return 0


def checksum(result: int) -> int:
    return adler32(product)
