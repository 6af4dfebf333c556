"""Spectral norm of an n x n matrix whose elements are computed when needed: a function call and a division each."""

from array import array
from math import sqrt

from benchlib import adler32

ROUNDS = 2  # of the power iteration

size = 0
u = array("f")
v = array("f")
between = array("f")
norm = array("f")


def divisor(i: int, j: int) -> int:
    """Return what 1 is divided by in row i, column j of the matrix."""
    return (((i + j) * (i + j + 1)) >> 1) + i + 1


def multiply(vector: array, product: array, n: int) -> None:
    """Enter the matrix times the vector."""
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += vector[j] / divisor(i, j)
        product[i] = total


def multiply_transposed(vector: array, product: array, n: int) -> None:
    """Enter the transposed matrix times the vector."""
    for i in range(n):
        total = 0.0
        for j in range(n):
            total += vector[j] / divisor(j, i)
        product[i] = total


def spectral_norm(u: array, v: array, between: array, norm: array, n: int) -> None:
    """Estimate the norm from ROUNDS rounds of the power iteration, which starts with ones."""
    for i in range(n):
        u[i] = 1.0
    for _ in range(ROUNDS):
        multiply(u, between, n)
        multiply_transposed(between, v, n)
        multiply(v, between, n)
        multiply_transposed(between, u, n)
    uv = 0.0
    vv = 0.0
    for i in range(n):
        uv += u[i] * v[i]
        vv += v[i] * v[i]
    norm[0] = sqrt(uv / vv)


def setup(n: int, seed: int) -> None:
    global size, u, v, between, norm
    size = n
    u = array("f", [0.0] * n)
    v = array("f", [0.0] * n)
    between = array("f", [0.0] * n)
    norm = array("f", [0.0])


def run() -> int:
    spectral_norm(u, v, between, norm, size)
    return 0


def checksum(result: int) -> int:
    return adler32(norm, adler32(v, adler32(u)))
