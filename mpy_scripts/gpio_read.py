"""Read an input pin n times, and count how often it is high: calls into the hardware library."""

from machine import Pin

PIN = 4  # free on an ESP32, ESP32-S3 and ESP32-C3; leave it unconnected: its pull-up resistor makes it high

reads = 0
pin = None


def count_high(pin: Pin, n: int) -> int:
    """Return how often the pin was high in n readings."""
    high = 0
    for _ in range(n):
        if pin.value() == 1:
            high += 1
    return high


def setup(n: int, seed: int) -> None:
    global reads, pin
    reads = n
    pin = Pin(PIN, Pin.IN, Pin.PULL_UP)


def run() -> int:
    return count_high(pin, reads)


def checksum(result: int) -> int:
    return result
