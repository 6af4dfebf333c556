"""Write n readings as text with commas between them, collecting the pieces and joining them once."""

from benchlib import adler32, random_bytes

data = bytearray(0)


def as_text(data: bytearray) -> str:
    pieces = []
    for reading in data:
        pieces.append(str(reading))
    pieces.append("")
    return ",".join(pieces)


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> str:
    return as_text(data)


def checksum(result: str) -> int:
    return adler32(result.encode())
