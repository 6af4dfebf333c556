"""Read n messages of 32 bytes from a stream, each into a new bytes object, and add up their first bytes."""

import io

from benchlib import random_bytes

SIZE = 32

stream = None
messages = 0


def receive(stream, messages: int) -> int:
    stream.seek(0)
    total = 0
    for _ in range(messages):
        message = stream.read(SIZE)
        total += message[0]
    return total


def setup(n: int, seed: int) -> None:
    global stream, messages
    stream = io.BytesIO(random_bytes(n * SIZE, seed))
    messages = n


def run() -> int:
    return receive(stream, messages)


def checksum(result: int) -> int:
    return result
