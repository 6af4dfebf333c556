"""Switch a pin n times and read it back, with one Pin object made before the loop."""

from machine import Pin

PIN = 4  # free on most boards; leave it unconnected

toggles = 0


def blink(toggles: int) -> int:
    high = 0
    pin = Pin(PIN, Pin.OUT)
    for i in range(toggles):
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
