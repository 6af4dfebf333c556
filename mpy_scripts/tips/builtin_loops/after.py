"""Count the lines in n bytes of text with the method count, whose loop is written in C."""

from benchlib import random_bytes

text = b""


def count_lines(text: bytes) -> int:
    return text.count(b"\n")


def setup(n: int, seed: int) -> None:
    global text
    text = bytes([byte & 15 for byte in random_bytes(n, seed)])


def run() -> int:
    return count_lines(text)


def checksum(result: int) -> int:
    return result
