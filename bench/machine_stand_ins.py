"""What CPython lacks of MicroPython's hardware modules: stand-ins for the classes and functions that workloads call.

Nothing is connected to them. They answer as the virtual board does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Pin:
    """Stands for machine.Pin: an output reads back what was written, an open input what its resistor makes of it."""

    IN = 0
    OUT = 1
    PULL_DOWN = 1
    PULL_UP = 2

    def __init__(self, number: int, mode: int = IN, pull: int | None = None):
        self._level = 1 if mode == self.IN and pull == self.PULL_UP else 0

    def value(self, level: int | None = None) -> int | None:
        """Return the pin's level, or set it when one is given."""
        if level is None:
            return self._level
        self._level = 1 if level else 0
        return None


class ADC:
    """Stands for machine.ADC: a converter of 12 bits that reads a ramp."""

    def __init__(self, pin: Pin):
        self._next = 0

    def read_u16(self) -> int:
        """Return the next value, its upper bits repeated below the lowest one."""
        raw = self._next
        self._next = (raw + 1) % 4096
        return raw << 4 | raw >> 8


class PWM:
    """Stands for machine.PWM at a frequency that allows all 16 bits of a duty."""

    def __init__(self, pin: Pin, freq: int = 5000):
        self._duty = 32768

    def duty_u16(self, duty: int | None = None) -> int | None:
        """Return the duty, of 65536, or set it when one is given."""
        if duty is None:
            return self._duty
        if not 0 <= duty <= 65535:
            raise ValueError("duty_u16 must be from 0 to 65535")
        self._duty = duty
        return None


class UART:
    """Stands for machine.UART: a line that takes every byte at once. `sent` has all of them."""

    def __init__(self, port: int, baudrate: int = 115200, *, tx: int, rx: int):
        self.sent = bytearray()

    def write(self, data: bytes | bytearray, offset: int, length: int) -> int:
        """Send `length` bytes from `offset` on; return how many were taken."""
        piece = data[offset : offset + length]
        self.sent += piece
        return len(piece)


def schedule(function: Callable[[Any], object], argument: Any) -> None:
    """Stands for micropython.schedule: calls the function at once, where MicroPython waits for the next jump."""
    function(argument)


MACHINE = {"ADC": ADC, "PWM": PWM, "Pin": Pin, "UART": UART}
MICROPYTHON = {"schedule": schedule}
