"""Send n bytes over a serial line in pieces of eight (n: a multiple of 8): calls into the hardware library."""

from machine import UART

from benchlib import random_bytes

TX_PIN = 5  # both free on an ESP32, ESP32-S3 and ESP32-C3; leave them unconnected
RX_PIN = 4
BAUD = 5000000  # as fast as an ESP32 can

data = bytearray()
uart = None


def send(uart: UART, data: bytearray, length: int) -> int:
    """Write the data in pieces of eight bytes; return how many bytes were taken."""
    sent = 0
    for offset in range(0, length, 8):
        sent += uart.write(data, offset, 8)
    return sent


def setup(n: int, seed: int) -> None:
    global data, uart
    data = random_bytes(n, seed)
    uart = UART(1, baudrate=BAUD, tx=TX_PIN, rx=RX_PIN)


def run() -> int:
    return send(uart, data, len(data))


def checksum(result: int) -> int:
    return result
