"""Opening a serial port for this process alone, and what it means when that fails. Any pyserial URL serves."""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import serial
from serial.urlhandler import protocol_socket

from bench.errors import LinkLost, ToolError
from bench.labels import printable

try:
    from termios import error as _TermiosError  # not an OSError, and pyserial lets it out when a device vanishes
except ImportError:  # Windows has none
    _TermiosError = OSError  # type: ignore[assignment,misc]

PORT_ERRORS = (OSError, TypeError, _TermiosError)  # what pyserial raises when its device vanishes under it
BAUD = 115200
POLL_S = 0.25  # how often a waiting read looks at its deadline
WRITE_TIMEOUT_S = 10.0  # a peer that reads no more would hold a write for ever


def open_serial(
    port: str,
    *,
    baudrate: int = BAUD,
    write_timeout_s: float = WRITE_TIMEOUT_S,
    before_open: Callable[[Any], None] = lambda opened: None,
) -> Any:
    """An open pyserial object; ToolError or LinkLost with the reason, and who is in the way, where it cannot be.

    `before_open` is given the object before it opens: DTR and RTS must be right from the first moment.
    """
    try:
        opened = serial.serial_for_url(
            port,
            baudrate=baudrate,
            timeout=POLL_S,
            # rfc2217:// refuses a time-out for writing; a peer that reads no more breaks its socket after 5 s.
            write_timeout=None if port.startswith("rfc2217://") else write_timeout_s,
            do_not_open=True,
        )
        with suppress(AttributeError, NotImplementedError):  # not every URL handler knows it
            opened.exclusive = True
        before_open(opened)
        opened.open()
        _send_at_once(opened)
    except (ValueError, *PORT_ERRORS) as error:
        raise explain(error, port) from error
    return opened


def _send_at_once(opened: Any) -> None:
    """Have a socket send each write when it is made, as a wire does: else TCP holds some of them for 40 ms."""
    if isinstance(opened, protocol_socket.Serial):
        connection: socket.socket = vars(opened)["_socket"]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def explain(error: BaseException, port: str) -> ToolError:
    """What an error on a port means, who is in the way and what to do, as an error to be raised."""
    name = printable(port, 100) or "''"
    number = _errno_of(error)
    # Windows refuses a port that is in use with "access denied"; it has no permissions on ports.
    if number in (errno.EAGAIN, errno.EBUSY) or (sys.platform == "win32" and number == errno.EACCES):
        who = ", ".join(holders(port)) or "another program"
        return ToolError(f"the port {name} is busy: {who} has it open; close that and try again")
    if number in (errno.EACCES, errno.EPERM):
        return ToolError(f"no permission to open {name}: {_permission_advice(port)}")
    if number == errno.ECONNREFUSED:
        return ToolError(f"nothing listens at {name}: start the serial server there, or mend the address")
    if number in (errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED):
        return LinkLost(f"the connection to {name} was cut: see whether the board is still plugged in there")
    if "timeout while waiting for option" in str(error):  # pyserial's words
        return LinkLost(
            f"the serial server at {name} does not answer: see whether it still runs and has its board; "
            "esp_rfc2217_server needs ?ign_set_control at the end of the address"
        )
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.EIO):
        return LinkLost(f"the port {name} is not there (any more): plug the board in, and see its name in bench doctor")
    return ToolError(f"cannot use the port {name}: {one_line(error)}")


def one_line(error: object) -> str:
    """An error of a library as one printable line without its pointers to documentation."""
    lines = [line.strip() for line in str(error).splitlines()]
    kept = [line for line in lines if line and "http" not in line]
    return printable(" ".join(kept) or type(error).__name__).rstrip(".")


def holders(port: str) -> list[str]:
    """The other programs that have a device open, as far as this computer lets us see; empty where it does not."""
    if "://" in port:
        return []
    device = os.path.realpath(port)
    try:
        processes = [p for p in Path("/proc").iterdir() if p.name.isdigit() and int(p.name) != os.getpid()]
    except OSError:  # no /proc: macOS, Windows
        return []
    return sorted(f"{_program(p)} (process {p.name})" for p in processes if _has_open(p, device))


def _has_open(process: Path, device: str) -> bool:
    with suppress(OSError):  # another user's process, or one that has just ended
        for handle in (process / "fd").iterdir():
            with suppress(OSError):
                if str(handle.readlink()) == device:
                    return True
    return False


def _program(process: Path) -> str:
    with suppress(OSError):
        return printable((process / "comm").read_text(errors="replace").strip(), 40)
    return "a program"


def _errno_of(error: BaseException) -> int | None:
    """The system's number for an error, also where pyserial has put it into its text only."""
    number = getattr(error, "errno", None)
    if isinstance(number, int):
        return number
    if found := re.search(r"(?:Errno |Error\()(\d+)", str(error)):
        return int(found[1])
    if error.__context__ is not None and error.__context__ is not error:
        return _errno_of(error.__context__)
    return None


def _permission_advice(port: str) -> str:
    """Which group opens the port, and how to join it."""
    again = "then log out and in again"
    try:
        import grp

        entry = Path(port).stat()
        group = grp.getgrgid(entry.st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return f"join the group that owns it (dialout or uucp: sudo usermod -aG dialout $USER), {again}"
    if entry.st_gid in (*os.getgroups(), os.getegid()) or entry.st_gid == 0:
        return f"its mode is {entry.st_mode & 0o777:03o}, its group {group}: sudo chmod g+rw {printable(port, 100)}"
    closed = (
        "" if entry.st_mode & 0o060 == 0o060 else f" (and its mode is {entry.st_mode & 0o777:03o}: sudo chmod g+rw it)"
    )
    return f"join its group {group}{closed}: sudo usermod -aG {group} $USER, {again}"
