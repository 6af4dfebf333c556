"""Fast Fourier transform, radix 2, in place, of n complex points in single precision.

The same steps as fft_i16, without its shifts: the output is not divided by n. Factors are whole multiples of 2^-23, so
that both languages hold exactly the same. n is a power of two, from 2 to 1024.
"""

from array import array

from benchlib import Lcg, adler32

CIRCLE = 1024  # steps in a full turn
STEP_COSINE = 1073721611  # cos(2 pi / 1024) * 2^30
STEP_SINE = 6588356  # sin(2 pi / 1024) * 2^30

points = 0
input_re = array("f")
input_im = array("f")
re = array("f")
im = array("f")
cosine = array("f")
sine = array("f")
reversed_bits = array("H")


def fill_factors(cosine: array, sine: array, n: int) -> None:
    """Enter cosine and sine of the first half turn, in n / 2 steps: exact integers, turned one small step at a time."""
    c = 1 << 30
    s = 0
    for step in range(CIRCLE // 2):
        if step * n % CIRCLE == 0:
            cosine[step * n // CIRCLE] = ((c + 64) >> 7) / 8388608
            sine[step * n // CIRCLE] = ((s + 64) >> 7) / 8388608
        next_c = (c * STEP_COSINE - s * STEP_SINE) >> 30
        s = (s * STEP_COSINE + c * STEP_SINE) >> 30
        c = next_c


def fill_reversed_bits(reversed_bits: array, n: int) -> None:
    """Enter, for every position, the one with the binary digits in reverse order."""
    for i in range(n):
        rest = i
        place = 1
        while place < n:
            reversed_bits[i] = reversed_bits[i] * 2 + (rest & 1)
            rest = rest >> 1
            place = place * 2


def load(re: array, im: array, n: int, input_re: array, input_im: array, reversed_bits: array) -> None:
    """Copy the input to re and im, in bit-reversed order."""
    for i in range(n):
        j = reversed_bits[i]
        re[i] = input_re[j]
        im[i] = input_im[j]


def fft(re: array, im: array, n: int, cosine: array, sine: array) -> None:
    """Transform the n points, which are in bit-reversed order, in place."""
    half = 1
    while half < n:
        step = n // (2 * half)
        for start in range(0, n, 2 * half):
            for k in range(half):
                top = start + k
                bottom = top + half
                c = cosine[k * step]
                s = sine[k * step]
                x = re[bottom]
                y = im[bottom]
                turned_x = c * x + s * y
                turned_y = c * y - s * x
                x = re[top]
                y = im[top]
                re[top] = x + turned_x
                im[top] = y + turned_y
                re[bottom] = x - turned_x
                im[bottom] = y - turned_y
        half = 2 * half


def setup(n: int, seed: int) -> None:
    global points, input_re, input_im, re, im, cosine, sine, reversed_bits
    points = n
    input_re = array("f", [0.0] * n)
    input_im = array("f", [0.0] * n)
    re = array("f", [0.0] * n)
    im = array("f", [0.0] * n)
    cosine = array("f", [0.0] * (n // 2))
    sine = array("f", [0.0] * (n // 2))
    reversed_bits = array("H", [0] * n)
    fill_factors(cosine, sine, n)
    fill_reversed_bits(reversed_bits, n)
    generator = Lcg(seed)
    for i in range(n):
        input_re[i] = (generator.next() - 16384) / 16384
        input_im[i] = (generator.next() - 16384) / 16384


def run() -> int:
    load(re, im, points, input_re, input_im, reversed_bits)
    fft(re, im, points, cosine, sine)
    return 0


def checksum(result: int) -> int:
    return adler32(im, adler32(re))
