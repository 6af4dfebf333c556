"""Read the analog-to-digital converter n times, and count the values that lie within its 12 bits."""

from machine import ADC, Pin

PIN = 4  # an analog input of an ESP32, ESP32-S3 and ESP32-C3; leave it unconnected

reads = 0
adc = None


def count_valid(adc: ADC, n: int) -> int:
    """Return how many of n readings gave a value from 0 to 4095."""
    valid = 0
    for _ in range(n):
        if adc.read_u16() >> 4 < 4096:
            valid += 1
    return valid


def setup(n: int, seed: int) -> None:
    global reads, adc
    reads = n
    adc = ADC(Pin(PIN))


def run() -> int:
    return count_valid(adc, reads)


def checksum(result: int) -> int:
    return result
