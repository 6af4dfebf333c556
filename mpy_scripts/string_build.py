"""n numbers of up to five digits written as decimal text, digit by digit, into a buffer that is there already."""

from array import array

from benchlib import Lcg, adler32

values = array("H")
out = bytearray(0)
length = 0


def put(out: bytearray, start: int, value: int) -> int:
    """Write the number's digits from start on; return the place behind them."""
    end = start + 1
    rest = value // 10
    while rest > 0:
        end += 1
        rest = rest // 10
    i = end
    while i > start:
        i -= 1
        rest = value // 10
        out[i] = 48 + value - 10 * rest
        value = rest
    return end


def build(out: bytearray, values: array, length: int) -> int:
    """Write `length` numbers, each with a space behind it; return the length of the text."""
    end = 0
    for i in range(length):
        end = put(out, end, values[i])
        out[end] = 32
        end += 1
    return end


def setup(n: int, seed: int) -> None:
    global values, out, length
    generator = Lcg(seed)
    values = array("H", [0] * n)
    for i in range(n):
        values[i] = generator.next() >> (i & 7)
    out = bytearray(6 * n)
    length = n


def run() -> int:
    return build(out, values, length)


def checksum(result: int) -> int:
    return adler32(out) ^ result
