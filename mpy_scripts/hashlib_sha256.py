"""SHA-256 by hashlib, as one calls it in Python; the C++ program is that of sha256."""

import hashlib

from benchlib import adler32, random_bytes

data = bytearray(0)
digest = b""


def sha256(data: bytearray) -> bytes:
    """Return the digest of the data, 32 bytes."""
    return hashlib.sha256(data).digest()


def setup(n: int, seed: int) -> None:
    global data
    data = random_bytes(n, seed)


def run() -> int:
    global digest
    digest = sha256(data)
    return 0


def checksum(result: int) -> int:
    return adler32(digest)
