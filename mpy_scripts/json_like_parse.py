"""Recursive-descent parser over n characters of nested lists of whole numbers, written as in JSON; n is at least 16."""

from array import array

from benchlib import Lcg, adler32

SPACE = 32
COMMA = 44
MINUS = 45
ZERO = 48
OPEN = 91
CLOSE = 93
DEEPEST = 6

text = bytearray(0)
out = array("i")


def skip_spaces(text: bytearray, i: int) -> int:
    """Return the place of the first character from i on that is not a space."""
    while text[i] == 32:
        i += 1
    return i


def parse_number(text: bytearray, i: int, out: array) -> int:
    """Add the number at i to the sum, out[0], and count it in out[1]; return the place behind it."""
    sign = 1
    if text[i] == 45:
        sign = -1
        i += 1
    value = 0
    while text[i] >= 48 and text[i] <= 57:
        value = 10 * value + text[i] - 48
        i += 1
    out[0] = out[0] + sign * value
    out[1] = out[1] + 1
    return i


def parse_list(text: bytearray, i: int, depth: int, out: array) -> int:
    """Parse the list whose bracket stands at i; out[2] keeps the greatest depth. Return the place behind the list."""
    if depth > out[2]:
        out[2] = depth
    i = skip_spaces(text, i + 1)
    while text[i] != 93:
        if text[i] == 91:
            i = parse_list(text, i, depth + 1, out)
        else:
            i = parse_number(text, i, out)
        i = skip_spaces(text, i)
        if text[i] == 44:
            i = skip_spaces(text, i + 1)
    return i + 1


def write_text(text: bytearray, n: int, seed: int) -> None:
    """Fill the text: numbers of up to four digits and lists of them, spaces up to the last brackets."""
    generator = Lcg(seed)
    depth = 1
    wants_comma = False
    text[0] = OPEN
    i = 1
    while i + depth + 8 < n:
        choice = generator.next() & 15
        if wants_comma and depth > 1 and choice < 3:
            text[i] = CLOSE
            i += 1
            depth -= 1
            continue
        if wants_comma:
            text[i] = COMMA
            text[i + 1] = SPACE
            i += 2
        if depth < DEEPEST and choice > 11:
            text[i] = OPEN
            i += 1
            depth += 1
            wants_comma = False
            continue
        if choice & 1:
            text[i] = MINUS
            i += 1
        value = generator.next() & 0x1FFF
        digits = 1 + (value & 3)
        for _ in range(digits):
            text[i] = ZERO + 1 + value % 9
            value = value // 9
            i += 1
        wants_comma = True
    while i + depth < n:
        text[i] = SPACE
        i += 1
    while i < n:
        text[i] = CLOSE
        i += 1


def setup(n: int, seed: int) -> None:
    global text, out
    text = bytearray(n)
    write_text(text, n, seed)
    out = array("i", [0] * 4)


def run() -> int:
    out[0] = 0
    out[1] = 0
    out[2] = 0
    out[3] = parse_list(text, 0, 1, out)
    return 0


def checksum(result: int) -> int:
    return adler32(out)
