"""Which serial port the board is on, and finding it again after it vanished."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.errors import InputError, LinkLost
from bench.esp32.chips import ESPRESSIF_VID
from bench.labels import printable

# USB makers of what sits between a board and the computer: Espressif itself, Silicon Labs (CP210x), WCH (CH340,
# CH9102), FTDI, Prolific. Phones, modems and other makers' boards are not taken for an ESP32 unless named with --port.
BOARD_VIDS = (ESPRESSIF_VID, 0x10C4, 0x1A86, 0x0403, 0x067B)
FIND_AGAIN_S = 10.0
_POLL_S = 0.1
_USE_VIRTUAL = "without a board, the virtual one measures: bench run --board virtual-esp32"


@dataclass(frozen=True)
class PortInfo:
    """One serial port as the system describes it. Its words come from the device: not to be trusted."""

    device: str
    description: str
    vid: int | None = None
    pid: int | None = None
    serial_number: str | None = None

    @property
    def text(self) -> str:
        """One line for a list."""
        usb = f", USB {self.vid:04x}:{self.pid or 0:04x}" if self.vid is not None else ""
        number = f", serial number {printable(self.serial_number, 40)}" if self.serial_number else ""
        return f"{printable(self.device, 100)} ({printable(self.description, 60)}{usb}{number})"


@dataclass(frozen=True)
class PortChoice:
    """The port to use: a device's name or a pyserial URL, and what the system knows of it (None for a URL)."""

    port: str
    info: PortInfo | None = None

    @property
    def is_url(self) -> bool:
        """Whether the port is reached over a network, so that the system knows nothing of it."""
        return "://" in self.port


ListPorts = Callable[[], Sequence[PortInfo]]


def list_ports() -> list[PortInfo]:
    """The serial ports of this computer, by name."""
    from serial.tools import list_ports as tool

    found = [PortInfo(p.device, p.description or "", p.vid, p.pid, p.serial_number) for p in tool.comports()]
    return sorted(found, key=lambda port: port.device)


def choose_port(port: str | None, serial_number: str | None, list_ports: ListPorts = list_ports) -> PortChoice:
    """The port that a person means; InputError where that is none or more than one. A URL passes as it is."""
    if port is not None and "://" in port:
        if serial_number:
            raise InputError(f"--serial-number names a USB board, {printable(port, 100)} is a network port: give one")
        return PortChoice(port)
    ports = list(list_ports())
    if port is not None:
        info = next((p for p in ports if _same_device(p.device, port)), None)
        if serial_number and (info is None or _plain(info.serial_number) != _plain(serial_number)):
            has = info.serial_number if info else None
            raise InputError(
                f"{printable(port, 100)} has the serial number {printable(has or 'unknown', 40)}, not "
                f"{printable(serial_number, 40)}: give only --port or only --serial-number"
            )
        return PortChoice(port, info)
    if serial_number is not None:
        matching = [p for p in ports if p.serial_number and _plain(p.serial_number) == _plain(serial_number)]
        return _the_only(matching, ports, f"with the serial number {printable(serial_number, 40)}")
    return _the_only([p for p in ports if p.vid in BOARD_VIDS], ports, "that looks like an ESP32")


def find_again(choice: PortChoice, timeout_s: float = FIND_AGAIN_S, list_ports: ListPorts = list_ports) -> PortChoice:
    """The same board after a reset, maybe under another name; LinkLost where it does not come back in time."""
    if choice.info is None:  # a URL, or a port of which the system tells nothing: it keeps its name
        return choice
    number = choice.info.serial_number
    deadline = time.monotonic() + timeout_s
    while True:
        ports = list_ports()
        same = [p for p in ports if (_plain(p.serial_number) == _plain(number) if number else p.device == choice.port)]
        if len(same) > 1:  # cheap bridges all carry the same number; then only the name tells them apart
            same = [p for p in same if p.device == choice.port] or same
        if len(same) == 1:
            return PortChoice(same[0].device, same[0])
        if time.monotonic() >= deadline:
            break
        time.sleep(_POLL_S)
    if same:
        raise LinkLost(f"the board came back, but several ports carry its serial number: {_listed(same)}; name one")
    by = f"serial number {printable(number, 40)}" if number else "name"
    raise LinkLost(
        f"the board on {printable(choice.port, 100)} vanished and did not come back within {timeout_s:g} s (looked for "
        f"its {by}): plug it in again"
    )


def _the_only(found: Sequence[PortInfo], ports: Sequence[PortInfo], wanted: str) -> PortChoice:
    if len(found) == 1:
        return PortChoice(found[0].device, found[0])
    if found:
        raise InputError(f"{len(found)} ports {wanted}: {_listed(found)}; name one with --port or --serial-number")
    others = f"; there are other ports: {_listed(ports)}; name one with --port" if ports else ""
    raise InputError(f"no port {wanted} was found: plug the board in with a data cable{others}; {_USE_VIRTUAL}")


def _listed(ports: Sequence[PortInfo]) -> str:
    return "; ".join(port.text for port in ports)


def _same_device(one: str, other: str) -> bool:
    """Whether two names mean one device: /dev/serial/by-id holds links; Windows does not mind case."""
    if sys.platform == "win32":
        return one.upper() == other.upper()
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _plain(serial_number: str | None) -> str:
    """A serial number without its punctuation: the chip's own USB has colons in its address, MicroPython's none."""
    return re.sub(r"[^0-9a-z]", "", (serial_number or "").lower())
