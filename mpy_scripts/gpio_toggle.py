"""Switch a pin n times, and read each time whether it followed: calls into the hardware library."""

from machine import Pin

PIN = 4  # free on most boards; leave it unconnected

toggles = 0
pin = None


def toggle(pin: Pin, n: int) -> int:
    """Switch the pin n times, starting with high; return how often it read back what was written."""
    level = 0
    followed = 0
    for _ in range(n):
        level = 1 - level
        pin.value(level)
        if pin.value() == level:
            followed += 1
    return followed


def setup(n: int, seed: int) -> None:
    global toggles, pin
    toggles = n
    pin = Pin(PIN, Pin.OUT)


def run() -> int:
    return toggle(pin, toggles)


def checksum(result: int) -> int:
    return result
