"""Count the lines in n bytes of text, looking at each byte."""

from benchlib import random_bytes

text = b""


def count_lines(text: bytes) -> int:
    lines = 0
    for byte in text:
        if byte == 10:
            lines += 1
    return lines


def setup(n: int, seed: int) -> None:
    global text
    text = bytes([byte & 15 for byte in random_bytes(n, seed)])


def run() -> int:
    return count_lines(text)


def checksum(result: int) -> int:
    return result
