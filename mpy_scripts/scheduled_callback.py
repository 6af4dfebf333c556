"""Schedule a callback n times, as interrupt handlers do, and wait each time until it has run."""

from micropython import schedule

events = 0
handled = 0
digest = 0


def on_event(value: int) -> None:
    """Take the event: count it, and add its value to the digest of all values so far."""
    global handled, digest
    handled += 1
    digest = (digest * 31 + value) & 0xFFFF


def post_events(n: int) -> int:
    """Post n events, each after the one before it was handled; return the digest."""
    global handled, digest
    handled = 0
    digest = 1
    for i in range(n):
        schedule(on_event, i)
        while handled <= i:
            pass
    return digest


def setup(n: int, seed: int) -> None:
    global events
    events = n


def run() -> int:
    return post_events(events)


def checksum(result: int) -> int:
    return (handled << 16) | result
