"""Switch a pin n times and read it back, making the Pin object anew each time."""

from machine import Pin

PIN = 4  # free on most boards; leave it unconnected

toggles = 0


def blink(toggles: int) -> int:
    high = 0
    for i in range(toggles):
        pin = Pin(PIN, Pin.OUT)
        pin.value(i & 1)
        high += pin.value()
    return high


def setup(n: int, seed: int) -> None:
    global toggles
    toggles = n


def run() -> int:
    return blink(toggles)


def checksum(result: int) -> int:
    return result
