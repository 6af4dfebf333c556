"""Write n readings as text with commas between them, adding each to a string that grows."""

from benchlib import adler32, random_bytes

data = bytearray(0)


def as_text(data: bytearray) -> str:
    text = ""
    for reading in data:
        text += str(reading) + ","
    return text


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> str:
    return as_text(data)


def checksum(result: str) -> int:
    return adler32(result.encode())
